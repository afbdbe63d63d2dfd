export type GuestBoardResult = { readonly value: string } | { readonly absent: string };

/**
 * The board that Termina is built for, from the device's `uname -m` (chromeos-facts.md section 7.2). A 32-bit ARM
 * kernel is tael by the ebuild's rule, though no such device is known to run Crostini.
 */
export function guestBoard(arch: string): GuestBoardResult {
  switch (arch) {
    case 'x86_64':
      return { value: 'tatl' };
    case 'aarch64':
    case 'armv8l':
    case 'armv7l':
      return { value: 'tael' };
    case 'i686':
    case 'i386':
      return { absent: `There is no Termina for ${arch}: a 32-bit x86 device cannot run Crostini.` };
    default:
      return {
        absent: `No guest board is known for the architecture "${arch}". Termina has tatl (x86_64) and tael (ARM).`,
      };
  }
}
