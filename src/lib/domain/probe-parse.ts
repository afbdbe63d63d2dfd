import { withoutDirections } from './direction.ts';
import { END_ID, MARKER, PROBE_SECONDS } from './probe.ts';

/** What one probe printed. */
export interface ProbeSection {
  /** The command's exit code. 127: no such command. 124: it ran into the time limit. */
  readonly exit: number;
  readonly lines: readonly string[];
}

export interface ProbeOutput {
  readonly sections: ReadonlyMap<string, ProbeSection>;
  /** False when the end marker is missing: the output was cut off, and later probes may be absent. */
  readonly complete: boolean;
}

export type ProbeOutputResult = ProbeOutput | { readonly problem: string };

/** Colours, titles and bracketed-paste marks: CSI, OSC (ended by BEL or ST) and two-byte escapes. */
// eslint-disable-next-line no-control-regex -- control characters are what it removes
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])/g;

/** What is left of control characters, but tab, line feed and carriage return. */
// eslint-disable-next-line no-control-regex -- control characters are what it removes
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/g;

const MARKER_LINE = new RegExp(`^${MARKER} ([a-z][a-z0-9-]*) (\\d{1,3})$`);

/**
 * Reads the output of the probe script (`probe.ts`), also from a terminal that a person copied by hand: prompts,
 * the echoed script, carriage returns, colours, indentation and `>` quoting around it do not matter, nor do
 * sections that are missing or come twice (the later one counts). Never throws.
 */
export function parseProbeOutput(text: string): ProbeOutputResult {
  const sections = new Map<string, { exit: number; lines: string[] }>();
  let lines: string[] | undefined;
  let complete = false;
  for (const raw of withoutDirections(text.replace(ESCAPES, '').replace(CONTROLS, '')).split(/\r*\n|\r+/)) {
    const line = raw.replace(/^[\s>]+/, '');
    const marker = MARKER_LINE.exec(line.trimEnd());
    if (marker) {
      const id = marker[1] ?? '';
      complete ||= id === END_ID;
      lines = id === END_ID ? undefined : [];
      if (lines) sections.set(id, { exit: Number(marker[2]), lines });
    } else if (!lines) continue;
    else if (line.startsWith('|')) lines.push(line.slice(1));
    else if (line === '') lines = lines.length > 0 ? undefined : lines;
    // A window narrower than the line: what was copied goes on without its bar.
    else if (lines.length > 0) lines.push((lines.pop() ?? '') + raw);
  }
  for (const section of sections.values()) section.lines = section.lines.map((line) => line.trimEnd());
  if (sections.size > 0) return { sections, complete };
  if (text.trim() === '')
    return { problem: 'There is no text yet. Run the script on the device and paste what it printed.' };
  return {
    problem: text.includes('WORKBENCH_PROBE')
      ? 'This is the script itself, not its output. Paste it into a shell on the device, then copy what it prints.'
      : `Nothing here is output of the probe script: no line starts with "${MARKER}". Copy from the first such line to the last.`,
  };
}

/** Why a probe that was asked gave nothing, in words; undefined when its output is worth reading. */
export function probeFailure(section: ProbeSection, command: string): string | undefined {
  if (section.exit === 127) return `There is no ${command} command on this device: not ChromeOS?`;
  if (section.exit === 124) return `${command} gave no answer within ${PROBE_SECONDS} seconds.`;
  return undefined;
}
