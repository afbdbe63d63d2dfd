import type { PlaceInfos } from '../domain/place.ts';

export const PLACE_INFO: PlaceInfos = {
  outside: {
    label: 'Workstation',
    shortName: 'outside',
    prompt: '(outside) $',
    what: 'Your Linux workstation, in the ChromiumOS checkout but outside its chroot: any terminal, after cd ~/chromiumos.',
    enter: null,
  },
  inside: {
    label: 'Chroot',
    shortName: 'inside',
    prompt: '(inside) $',
    what: 'The build chroot of the checkout on the same workstation; cros_sdk, run outside, opens a shell in it.',
    // cros_sdk passes its words through an eval and through sudo -i, which take ' and $ apart (its enter_chroot.sh
    // warns of the former): so the command goes in another way. One line of bash needs no more than that.
    enter: {
      run: "printf '%s\\n' {{ {step} }} | cros_sdk bash",
      talk: `cros_sdk bash -c ". <(base64 -d <<< $(printf %s {{ {step} }} | base64 -w0))"`,
    },
  },
  device: {
    label: 'Device',
    shortName: 'device',
    prompt: '(device) #',
    what: 'The test device itself, as root on its ChromeOS: ssh from the workstation, or a terminal of this workbench.',
    // -n, because a script's own input is not for the command.
    enter: { run: 'ssh -n {device} -- {{ {step} }}', talk: 'ssh -t {device} -- {{ {step} }}' },
  },
  termina: {
    label: 'Termina VM',
    shortName: 'termina',
    prompt: '(termina) #',
    what: 'The virtual machine that holds the containers; vsh, run on the device, opens a shell in it.',
    enter: {
      run: 'ssh -n {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- bash -c {{ {step} }} }}',
      talk: 'ssh -t {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --user=root -- bash -c {{ {step} }} }}',
    },
  },
  penguin: {
    label: 'Penguin container',
    shortName: 'penguin',
    prompt: '(penguin) $',
    what: 'The Debian container that users know as Linux; the Terminal app opens it, or vsh with --target_container on the device.',
    enter: {
      run: 'ssh -n {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- bash -c {{ {step} }} }}',
      talk: 'ssh -t {device} -- {{ vsh --vm_name={vm} --owner_id={ownerHash} --target_container={container} -- bash -c {{ {step} }} }}',
    },
  },
};
