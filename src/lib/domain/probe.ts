import { quoteWord } from './quote.ts';

/** The probes that the parser knows how to read; their commands live in `catalog/probes.ts`. */
export const PROBE_IDS = [
  'machine',
  'kernel',
  'lsb-release',
  'cros-debug',
  'session',
  'guest-session',
  'jobs',
  'programs',
  'vms',
  'containers',
  'lxc',
  'termina-dlc',
  'termina-release',
  'time-zone',
  'boot-id',
  'clock',
] as const;

export type ProbeId = (typeof PROBE_IDS)[number];

/** One question to the device: a POSIX shell command that only reads. */
export interface Probe {
  readonly id: ProbeId;
  readonly command: string;
}

/** How long one probe may take, in seconds. dbus-send alone would wait 25. */
export const PROBE_SECONDS = 5;

/** How much of one probe's output is kept, in bytes. The longest real one, a list of ten VMs, is under 2 KiB. */
export const PROBE_BYTES = 16_384;

/** Starts every marker line. As a comment it does no harm when a person pastes the output into a shell. */
export const MARKER = '#workbench-probe';

/** The id on the last marker; without it the output was cut off. */
export const END_ID = 'end';

/**
 * One POSIX sh script that asks everything in one exec, to be sent on stdin of `sh -s`. For each probe it prints
 *
 *     #workbench-probe machine 0
 *     |x86_64
 *
 * a marker with the exit code, then stdout and stderr, each line after a `|`; and at last an end marker.
 *
 * - `</dev/null`: the script comes on stdin, and vsh or vmc would read it away.
 * - `timeout`, where there is one, because a vmc whose service hangs would hang everything after it.
 * - `PATH`: a command over ssh gets no login shell's PATH, and `status` lives in /sbin.
 * - no `!`, no tab, short lines: the script is also pasted into interactive shells (`buildPasteScript`), which
 *   expand, complete and cut those.
 * - no `"$@"` and no `shift`: the practice device's in-memory shell gets them wrong in functions.
 */
export function buildProbeScript(probes: readonly Probe[]): string {
  return [
    'PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin:/usr/bin:/bin',
    'LC_ALL=C',
    'export PATH LC_ALL',
    'limit=',
    'if timeout 1 true 2>/dev/null; then limit=yes; fi',
    'probe() {',
    '  if [ "$limit" ]',
    `  then out=$(timeout ${PROBE_SECONDS} sh -c "$2" 2>&1 </dev/null)`,
    '  else out=$(eval "$2" 2>&1 </dev/null)',
    '  fi',
    '  code=$?',
    `  printf '\\n${MARKER} %s %s\\n' "$1" "$code"`,
    `  printf '%s\\n' "$out" | head -c ${PROBE_BYTES} | sed 's/^/|/'`,
    '  echo', // ends a line that `head` cut, and the section: see parseProbeOutput
    '}',
    ...probes.map((probe) => `probe ${quoteWord(probe.id)} ${quoteWord(probe.command)}`),
    `printf '\\n${MARKER} %s 0\\n' ${END_ID}`,
    '',
  ].join('\n');
}

/** The same script for a person to paste into a device shell: bash, zsh and dash all hand it to `sh` unread. */
export function buildPasteScript(probes: readonly Probe[]): string {
  const script = buildProbeScript(probes);
  return `sh <<'WORKBENCH_PROBE'\n${script}WORKBENCH_PROBE\n`;
}
