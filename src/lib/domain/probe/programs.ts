import type { ProbeSection } from '../probe-parse.ts';

type Answer = { readonly value: string } | { readonly absent: string };

/** Where a program was seen: `penguin` is any container of the VM. */
export type ProgramPlace = 'device' | 'termina' | 'penguin';

/** The programs of each place, from the lines `PLACE NAME` of the probe. */
function programsIn(section: ProbeSection, place: ProgramPlace): string[] {
  return section.lines.flatMap((line) => {
    const [where, name, rest] = line.trim().split(/\s+/);
    return where === place && name !== undefined && rest === undefined ? [name] : [];
  });
}

/** `9s, crosvm`, or `none`: the programs of the map that run on the host. */
export function hostPrograms(section: ProbeSection): Answer {
  const names = programsIn(section, 'device');
  return { value: names.length > 0 ? names.join(', ') : 'none' };
}

/**
 * `termina: init, lxd, tremplin; penguin: garcon, sommelier`: the programs of the map that run in the VM, and in its
 * containers. The VM's first process is always among them; where it is missing nobody could look.
 */
export function guestPrograms(section: ProbeSection): Answer {
  const termina = programsIn(section, 'termina');
  if (termina.length === 0) {
    const said = section.lines.find((line) => line.trim() !== '' && !/^(device|penguin) \S+$/.test(line.trim()));
    return { absent: said === undefined ? 'No VM called termina is running.' : `vsh says: ${said.trim()}` };
  }
  const penguin = programsIn(section, 'penguin').filter((name) => name !== 'init');
  return { value: `termina: ${termina.join(', ')}${penguin.length > 0 ? `; penguin: ${penguin.join(', ')}` : ''}` };
}

/** The names of one place in the text of either fact; `device` for that of the host. */
export function programsOf(text: string, place: ProgramPlace): string[] {
  const part = place === 'device' ? text : (new RegExp(`(?:^|; *)${place}: *([^;]*)`).exec(text)?.[1] ?? '');
  return part.split(/[\s,]+/).filter((name) => name !== '' && name !== 'none');
}
