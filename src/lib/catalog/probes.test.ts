import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bash } from 'just-bash';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../domain/facts.ts';
import { factValue } from '../domain/facts.ts';
import { type ProbeOutput, parseProbeOutput } from '../domain/probe-parse.ts';
import { factsFromProbe } from '../domain/probe/facts.ts';
import { buildPasteScript, buildProbeScript } from '../domain/probe.ts';
import { COMPONENTS } from './components.ts';
import { PROBES } from './probes.ts';

const SHELLS = ['bash', 'dash'] as const;
const HASH = '5c990f446325244d42d5919b06dcd2615e74cbfc';
const script = buildProbeScript(PROBES);

const directories: string[] = [];
afterAll(() => directories.forEach((directory) => rmSync(directory, { recursive: true })));

/** A directory of stand-in commands, each a sh script. */
function standIns(commands: Record<string, string>): string {
  const directory = mkdtempSync(join(tmpdir(), 'probe-'));
  directories.push(directory);
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}

function run(shell: string, input: string, path = ''): string {
  const env = { PATH: `${path}:${process.env['PATH']}` };
  const result = spawnSync(shell, ['-s'], { input, env, encoding: 'utf8' });
  expect(result.stderr).toBe('');
  return result.stdout;
}

function parsed(text: string): ProbeOutput {
  const output = parseProbeOutput(text);
  if ('problem' in output) throw new Error(output.problem);
  return output;
}

function factsOf(text: string, at = Date.now()): Facts {
  return factsFromProbe(parsed(text), { at });
}

/** A fact as a line: its value, or its reason after a dash. */
function told(facts: Facts, id: keyof Facts): string | undefined {
  const fact = facts[id];
  return fact && ('value' in fact ? fact.value : `- ${fact.absent}`);
}

const reply = (body: string): string =>
  `echo 'method return time=1.2 sender=:1.0 -> destination=:1.1 serial=3 reply_serial=2'; ${body}`;

/** dbus-send for who is signed in: a hash, nobody, a guest, or no session manager at all. */
function dbusSend(who: string): string {
  if (who === 'no bus')
    return 'echo "Error org.freedesktop.DBus.Error.ServiceUnknown: The name was not provided" >&2; exit 1';
  const [name, hash] = who === 'nobody' || who === 'guest' ? ['', ''] : ['testuser@gmail.com', who];
  return `case "$*" in *IsGuest*) ${reply(`echo "   boolean ${who === 'guest'}"`)};; *) ${reply(`echo '   string "${name}"'; echo '   string "${hash}"'`)};; esac`;
}

const chromeOs = (arch: string, who: string): Record<string, string> => ({
  uname: `case $1 in -m) echo ${arch};; -r) echo 6.6.30;; esac`,
  'dbus-send': dbusSend(who),
  crossystem: 'printf 1',
  status:
    'case $1 in vm_concierge) echo "$1 start/running, process 2533";; vhost_user_starter) echo "status: Unknown job: $1" >&2; exit 1;; *) echo "$1 stop/waiting";; esac',
  vmc: `[ "$CROS_USER_ID_HASH" ] || { echo 'Error: expected CROS_USER_ID_HASH environment variable' >&2; exit 1; }
echo "termina (10737418240 bytes, min shrinkable size 6442450944 bytes, raw, sparse) (on disk VM type: crostini)  running"
echo "Total Size (bytes): 10737418240"; cat >/dev/null`,
  ps: `case "$*" in
"-e -o args=") printf '%s\\n' '/sbin/init' '/usr/bin/crosvm run --cid 32' '-bash' 'sshd: root@pts/0' '/opt/secret/tool --key=1';;
*) printf '%s\\n' unexpected;; esac`,
  // What `ps` in the VM prints: it sees its container too. A tool of ChromeOS there runs under a loader of its own.
  vsh: `[ "$*" = "--vm_name=termina --owner_id=${HASH} --user=root -- ps -e -o pidns= -o args=" ] || exit 1
printf '%s\\n' '         - /sbin/init' '4026531836 /usr/sbin/vshd' '4026531836 lxd --group lxd' '4026532201 /sbin/init' \\
'4026532201 /opt/google/cros-containers/bin/../lib/ld-linux-x86-64.so.2 --library-path /opt/google/cros-containers/bin/../lib --inhibit-rpath  /opt/google/cros-containers/bin/garcon.elf --server' \\
'4026532201 /home/user/secret garcon'`,
  cicerone_client: `printf 'VM: termina\\n\\tlxd: 4.0\\n\\tContainer: penguin\\n\\t\\tInstalled Crostini Packages:\\n'`,
  dlcservice_util: `printf '{\\n   "id": "termina-dlc",\\n   "last_error_code": "",\\n   "progress": 1.0,\\n   "state": 2\\n}\\n'`,
});

describe.each(SHELLS)('the script under %s', (shell) => {
  it('answers what any Linux can on this machine, and says why not for the rest', () => {
    const facts = factsOf(run(shell, script));
    expect(told(facts, 'arch')).toBe(execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim());
    expect(told(facts, 'kernel')).toBe(execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
    expect(told(facts, 'board')).toBe('- /etc/lsb-release does not exist: not ChromeOS?');
    expect(told(facts, 'developerMode')).toBe('- There is no crossystem command on this device: not ChromeOS?');
    expect(told(facts, 'jobs')).toBe('- There is no status command on this device: not ChromeOS?');
    expect(told(facts, 'terminaDlc')).toBe('- There is no dlcservice_util command on this device: not ChromeOS?');
    expect(told(facts, 'timeZone')).toMatch(/^[+-]\d{4}/);
    expect(told(facts, 'clock')).toMatch(/^[+-][012] s$/);
    expect(told(facts, 'ownerHash')).toMatch(/^- /);
    expect(told(facts, 'vms')).toMatch(/^- /);
    expect(told(facts, 'container')).toMatch(/^- /);
  });

  it.each([
    ['x86_64', 'tatl'],
    ['aarch64', 'tael'],
  ])('reads a signed-in %s device', (arch, board) => {
    const output = parsed(run(shell, script, standIns(chromeOs(arch, HASH))));
    expect(output.complete).toBe(true);
    const facts = factsFromProbe(output, { at: Date.now() });
    expect(told(facts, 'arch')).toBe(arch);
    expect(facts.guestBoard).toMatchObject({ value: board, origin: 'derived' });
    expect(told(facts, 'ownerHash')).toBe(HASH);
    expect(told(facts, 'developerMode')).toBe('on');
    expect(told(facts, 'vms')).toBe('termina (crostini) running');
    expect(told(facts, 'container')).toBe('penguin');
    expect(told(facts, 'terminaDlc')).toBe('installed');
    expect(told(facts, 'jobs')).toBe(
      'vm_concierge running, vm_concierge_nodefer stopped, vm_cicerone stopped, seneschal stopped, vmlog_forwarder stopped, chunneld stopped, crosdns stopped, shadercached stopped, dlcservice stopped, patchpanel stopped, permission_broker stopped, anomaly-detector stopped, syslog stopped, ui stopped',
    );
    expect(told(facts, 'hostPrograms')).toBe('crosvm');
    expect(told(facts, 'guestPrograms')).toBe('termina: init, lxd, vshd; penguin: garcon');
  });

  it.each([
    ['nobody', /^- Nobody is signed in/],
    ['guest', /^- A guest session is active/],
    ['no bus', /^- The session manager is not on the system bus/],
  ])('explains a missing owner hash: %s', (who, expected) => {
    const facts = factsOf(run(shell, script, standIns(chromeOs('x86_64', who))));
    expect(told(facts, 'ownerHash')).toMatch(expected);
    expect(told(facts, 'vms')).toBe('- vmc says: Error: expected CROS_USER_ID_HASH environment variable');
  });

  it.each([
    ['says why', "echo 'ERROR vsh: [vsh.cc(122)] Failed to get VM info for termina' >&2; exit 1", /^- vsh says: ERROR/],
    ['prints nothing', 'exit 1', /^- No VM called termina is running/],
  ])('knows no programs of a VM whose vsh %s', (_what, vsh, expected) => {
    const facts = factsOf(run(shell, script, standIns({ ...chromeOs('x86_64', HASH), vsh })));
    expect(told(facts, 'guestPrograms')).toMatch(expected);
    expect(told(facts, 'hostPrograms')).toBe('crosvm');
  });

  it('does not ask a VM that does not run', () => {
    const commands = { ...chromeOs('x86_64', HASH), cicerone_client: 'exit 0', vsh: 'echo asked >&2' };
    expect(told(factsOf(run(shell, script, standIns(commands))), 'guestPrograms')).toBe(
      '- No VM called termina is running.',
    );
  });

  it('gives the same output when pasted', () => {
    const path = standIns(chromeOs('x86_64', HASH));
    const withoutClock = (text: string): unknown => [...parsed(text).sections].filter(([id]) => id !== 'clock');
    expect(withoutClock(run(shell, buildPasteScript(PROBES), path))).toEqual(withoutClock(run(shell, script, path)));
  });

  it('falls back to lxc where cicerone cannot be asked', () => {
    const commands = chromeOs('x86_64', HASH);
    delete commands['cicerone_client'];
    const facts = factsOf(
      run(shell, script, standIns({ ...commands, vsh: `[ "$2" = --owner_id=${HASH} ] && echo penguin,RUNNING` })),
    );
    expect(told(facts, 'container')).toBe('penguin');
  });
});

it('asks for every job and every program of the map', () => {
  const [jobs, programs] = ['jobs', 'programs'].map((id) => PROBES.find((probe) => probe.id === id)?.command ?? '');
  const asked = /for job in (.*?);/.exec(jobs ?? '')?.[1]?.split(' ') ?? [];
  expect(COMPONENTS.flatMap((one) => one.jobs).filter(({ name }) => !asked.includes(name))).toEqual([]);
  const [host, guest] = [...(programs ?? '').matchAll(/\^\((.*?)\)\$/g)].map((match) =>
    match[1]?.split('|').toSorted(),
  );
  const named = (onHost: boolean): string[] =>
    COMPONENTS.flatMap(({ lane, runs }) => ('program' in runs && (lane === 'host') === onHost ? [runs.program] : []));
  expect(host).toEqual(named(true).toSorted());
  expect(guest).toEqual([...named(false), 'init'].toSorted());
});

it('runs in the in-memory shell of the practice device', async () => {
  const { stdout } = await new Bash({ files: { '/etc/lsb-release': 'CHROMEOS_RELEASE_BOARD=practice\n' } }).exec(
    script,
  );
  const facts = factsOf(stdout);
  expect(told(facts, 'board')).toBe('practice');
  expect(told(facts, 'jobs')).toContain('no status command');
  expect(factValue(facts, 'clock')).toMatch(/^[+-][01] s$/);
});

it('holds nothing that an interactive shell would expand, complete or cut', () => {
  const paste = buildPasteScript(PROBES);
  expect(paste).not.toMatch(/[!\t]/);
  expect(Math.max(...paste.split('\n').map((line) => line.length))).toBeLessThan(1000);
});
