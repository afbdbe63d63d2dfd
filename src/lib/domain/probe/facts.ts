import type { Fact, FactId, Facts } from '../facts.ts';
import { guestBoard } from '../guest-board.ts';
import { type ProbeOutput, type ProbeSection, probeFailure } from '../probe-parse.ts';
import type { ProbeId } from '../probe.ts';
import { type Container, parseCiceroneInfo, parseLxcList } from './containers.ts';
import { parseLsbRelease, releaseBoard, releaseVersion } from './lsb-release.ts';
import { guestPrograms, hostPrograms } from './programs.ts';
import { ownerHash } from './session.ts';
import { jobsText, parseJobs } from './upstart-jobs.ts';
import { parseVmcList, vmsText } from './vmc-list.ts';

type Answer = { readonly value: string } | { readonly absent: string };

/** When the output was received, and whether just now: pasted text may be an hour old, so its clock says nothing. */
export interface Reception {
  /** Unix time in ms. */
  readonly at: number;
  readonly pasted?: boolean;
}

/**
 * The facts in a probe's output. A probe that was not asked, or was cut off, leaves its facts out; one that gave
 * no value leaves the reason. Never throws.
 */
export function factsFromProbe({ sections }: ProbeOutput, reception: Reception): Facts {
  const facts: Partial<Record<FactId, Fact>> = {};
  const learn = (
    id: FactId,
    probe: ProbeId,
    read: (section: ProbeSection) => Answer,
    origin: 'probed' | 'derived' = 'probed',
  ): void => {
    const section = sections.get(probe);
    if (section) facts[id] = { ...read(section), origin, at: reception.at };
  };
  learn('arch', 'machine', (section) => firstWord(section, 'uname'));
  learn('guestBoard', 'machine', (section) => then(firstWord(section, 'uname'), guestBoard), 'derived');
  learn('kernel', 'kernel', (section) => firstWord(section, 'uname'));
  learn('board', 'lsb-release', (section) => fromRelease(section, releaseBoard, 'CHROMEOS_RELEASE_BOARD'));
  learn('imageVersion', 'lsb-release', (section) => fromRelease(section, releaseVersion, 'CHROMEOS_RELEASE_VERSION'));
  learn('imageTrack', 'lsb-release', (section) =>
    fromRelease(section, (release) => release.get('CHROMEOS_RELEASE_TRACK'), 'CHROMEOS_RELEASE_TRACK'),
  );
  learn('developerMode', 'cros-debug', developerMode);
  learn('ownerHash', 'session', (section) => ownerHash(section, sections.get('guest-session')));
  learn('vms', 'vms', vms);
  learn('container', 'containers', (section) => container(section, sections.get('lxc')));
  learn('terminaDlc', 'termina-dlc', (section) => terminaDlc(section, sections.get('termina-release')));
  learn('terminaRelease', 'termina-release', terminaRelease);
  learn('jobs', 'jobs', jobs);
  learn('hostPrograms', 'programs', (section) => programs(section, hostPrograms));
  learn('guestPrograms', 'programs', (section) => programs(section, guestPrograms));
  learn('timeZone', 'time-zone', timeZone);
  learn('bootId', 'boot-id', (section) => firstWord(section, 'boot_id'));
  learn('clock', 'clock', (section) => clock(section, reception));
  return facts;
}

function then(answer: Answer, next: (value: string) => Answer): Answer {
  return 'value' in answer ? next(answer.value) : answer;
}

/** What the device said where a value was expected: the honest end of every reader. */
function unread(section: ProbeSection, command: string): Answer {
  const failure = probeFailure(section, command);
  if (failure !== undefined) return { absent: failure };
  const said = section.lines.find((line) => line.trim() !== '')?.trim();
  return { absent: said ? `${command} says: ${said}` : `${command} printed nothing (exit code ${section.exit}).` };
}

function firstWord(section: ProbeSection, command: string): Answer {
  const word = section.exit === 0 ? section.lines[0]?.trim() : undefined;
  return word ? { value: word } : unread(section, command);
}

function fromRelease(
  section: ProbeSection,
  read: (release: ReadonlyMap<string, string>) => string | undefined,
  key: string,
): Answer {
  const value = read(parseLsbRelease(section.lines));
  if (value) return { value };
  return {
    absent:
      section.exit === 0
        ? `/etc/lsb-release has no ${key}: not ChromeOS?`
        : '/etc/lsb-release does not exist: not ChromeOS?',
  };
}

function developerMode(section: ProbeSection): Answer {
  const flag = section.lines[0]?.trim();
  if (section.exit !== 0 || (flag !== '1' && flag !== '0')) return unread(section, 'crossystem');
  return { value: flag === '1' ? 'on' : 'off' };
}

function vms(section: ProbeSection): Answer {
  const list = parseVmcList(section.lines.join('\n'));
  if (list.length > 0) return { value: vmsText(list) };
  if (section.lines.some((line) => line.startsWith('Total Size')))
    return { absent: 'This user has no VM yet: Crostini was never switched on.' };
  return unread(section, 'vmc');
}

/** cicerone knows what runs; LXD in Termina is the fallback, and the only one to know a stopped container. */
function container(cicerone: ProbeSection, lxc: ProbeSection | undefined): Answer {
  const running = parseCiceroneInfo(cicerone.lines);
  const listed = lxc ? parseLxcList(lxc.lines) : [];
  const found = preferred(running) ?? preferred(listed);
  if (found) return found.running ? { value: found.name } : { absent: `The container ${found.name} is stopped.` };
  if (cicerone.exit === 0)
    return {
      absent: cicerone.lines.some((line) => line.startsWith('VM: '))
        ? 'A VM is running, but no container in it has reported to cicerone.'
        : 'No VM is running, so no container is either.',
    };
  return unread(cicerone, 'cicerone_client');
}

function preferred(containers: readonly Container[]): Container | undefined {
  const running = containers.filter((one) => one.running);
  return running.find((one) => one.name === 'penguin') ?? running[0] ?? containers[0];
}

/** DlcState of dlcservice.proto; dlcservice_util prints the number in JSON. */
const DLC_STATES: Readonly<Record<string, string>> = { 0: 'not installed', 1: 'installing', 2: 'installed' };

function terminaDlc(section: ProbeSection, release: ProbeSection | undefined): Answer {
  const state = /"state":\s*(\d+)/.exec(section.lines.join('\n'))?.[1];
  const text = state === undefined ? undefined : DLC_STATES[state];
  if (text !== undefined) return { value: text };
  if (release?.exit === 0 && parseLsbRelease(release.lines).size > 0) return { value: 'installed' };
  return unread(section, 'dlcservice_util');
}

function terminaRelease(section: ProbeSection): Answer {
  const release = parseLsbRelease(section.lines);
  const parts = [releaseBoard(release), releaseVersion(release)].filter((part) => part !== undefined);
  return parts.length > 0
    ? { value: parts.join(' ') }
    : { absent: 'termina-dlc is not mounted: it is not installed, or the device is no ChromeOS device.' };
}

function jobs(section: ProbeSection): Answer {
  const text = jobsText(parseJobs(section.lines.join('\n')));
  return text === '' ? unread(section, 'status') : { value: text };
}

function programs(section: ProbeSection, read: (section: ProbeSection) => Answer): Answer {
  const failure = probeFailure(section, 'ps');
  return failure === undefined ? read(section) : { absent: failure };
}

function timeZone(section: ProbeSection): Answer {
  const [offset = '', letters = '', path = ''] = section.lines.map((line) => line.trim());
  if (!/^[+-]\d{4}$/.test(offset)) return unread(section, 'date');
  const name = /zoneinfo\/(?:posix\/)?(.+)$/.exec(path)?.[1] ?? (/^[A-Z]{2,5}$/.test(letters) ? letters : undefined);
  return { value: name === undefined ? offset : `${offset} ${name}` };
}

function clock(section: ProbeSection, { at, pasted }: Reception): Answer {
  if (pasted) return { absent: 'Pasted output does not say when it was printed, so the clocks cannot be compared.' };
  const seconds = section.lines[0]?.trim() ?? '';
  if (!/^\d{1,12}$/.test(seconds)) return unread(section, 'date');
  // The device prints whole seconds: half a second more is the best guess of when it did.
  const skew = Math.round(Number(seconds) + 0.5 - at / 1000);
  return { value: `${skew < 0 ? '-' : '+'}${Math.abs(skew)} s` };
}
