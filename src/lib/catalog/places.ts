import type { Place } from '../domain/place.ts';

/** What the screens say about a Place. */
export interface PlaceInfo {
  readonly label: string;
  /** For chips and narrow columns. */
  readonly shortName: string;
  /** As the guide writes it. Termina has none there; ours is the root shell that the guide's commands open. */
  readonly prompt: string;
  /** One sentence: what it is and how to get there. */
  readonly what: string;
}

export const PLACE_INFO: Readonly<Record<Place, PlaceInfo>> = {
  outside: {
    label: 'Workstation',
    shortName: 'outside',
    prompt: '(outside) $',
    what: 'Your Linux workstation, in the ChromiumOS checkout but outside its chroot: any terminal, after cd ~/chromiumos.',
  },
  inside: {
    label: 'Chroot',
    shortName: 'inside',
    prompt: '(inside) $',
    what: 'The build chroot of the checkout on the same workstation; cros_sdk, run outside, opens a shell in it.',
  },
  device: {
    label: 'Device',
    shortName: 'device',
    prompt: '(device) #',
    what: 'The test device itself, as root on its ChromeOS: ssh from the workstation, or a terminal of this workbench.',
  },
  termina: {
    label: 'Termina VM',
    shortName: 'termina',
    prompt: '(termina) #',
    what: 'The virtual machine that holds the containers; vsh, run on the device, opens a shell in it.',
  },
  penguin: {
    label: 'Penguin container',
    shortName: 'penguin',
    prompt: '(penguin) $',
    what: 'The Debian container that users know as Linux; the Terminal app opens it, or vsh with --target_container on the device.',
  },
};
