/** A container of a VM. */
export interface Container {
  readonly name: string;
  readonly vm?: string;
  readonly running: boolean;
}

/**
 * Parses `cicerone_client --get_info`: `VM: NAME`, below it tremplin's own lines after one tab and `Container: NAME`
 * for each container whose garcon has reported, so each of them runs (cicerone's GetDebugInformation).
 * Tabs count as any space, because terminals copy them as such.
 */
export function parseCiceroneInfo(lines: readonly string[]): Container[] {
  const containers: Container[] = [];
  let vm: string | undefined;
  for (const line of lines) {
    vm = /^VM: (.*\S)/.exec(line)?.[1] ?? vm;
    const name = /^\s+Container: (\S+)\s*$/.exec(line)?.[1];
    if (name) containers.push({ name, ...(vm !== undefined && { vm }), running: true });
  }
  return containers;
}

/** Parses `lxc list --format=csv -c ns`: `penguin,RUNNING`. */
export function parseLxcList(lines: readonly string[]): Container[] {
  return lines.flatMap((line): Container[] => {
    const match = /^\s*([A-Za-z0-9-]+),([A-Z]+)\s*$/.exec(line);
    return match?.[1] ? [{ name: match[1], running: match[2] === 'RUNNING' }] : [];
  });
}
