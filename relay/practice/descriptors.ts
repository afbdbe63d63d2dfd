import { closeSync, readFileSync, readdirSync } from 'node:fs';

/** O_CLOEXEC, as Linux writes it in /proc/PID/fdinfo: Node sets it for every descriptor that it opens. */
const CLOSE_ON_EXEC = 0o2000000;

/** stderr: the last one that the relay hands over on purpose. */
const LAST_GIVEN = 2;

/**
 * Closes what this process inherited by accident: a terminal or an editor may leave descriptors open in what it starts,
 * and the relay hands them on. Nothing where the system does not list them (it has no /proc).
 */
export function closeInherited(): void {
  for (const descriptor of openDescriptors()) {
    if (descriptor <= LAST_GIVEN) continue;
    try {
      const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'))?.[1];
      if (flags !== undefined && (parseInt(flags, 8) & CLOSE_ON_EXEC) === 0) closeSync(descriptor);
    } catch {
      // It was the one that the listing itself was read through.
    }
  }
}

function openDescriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}
