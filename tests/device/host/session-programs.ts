import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PATHS } from './paths.ts';
import type { Program, ProgramAnswer } from './world.ts';

const done = (stdout = ''): ProgramAnswer => ({ stdout, stderr: '', code: 0 });

/** The flags of autologin.py (chromeos-facts.md section 5). */
const AUTOLOGIN = {
  dont_override_profile: { type: 'boolean', short: 'd' },
  arc: { type: 'boolean', short: 'a' },
  username: { type: 'string', short: 'u' },
  password: { type: 'string', short: 'p' },
  'no-startup-window': { type: 'boolean', short: 'w' },
  enable_default_apps: { type: 'boolean' },
  feature: { type: 'string', short: 'f', multiple: true },
  'disable-feature': { type: 'string', multiple: true },
  url: { type: 'string', multiple: true },
} as const;

/** Signs the test user in, as autotest's script does on test images; always this user, whose hash the device knows. */
const autologin: Program = async ({ config, session }, { argv }) => {
  try {
    parseArgs({ args: [...argv], options: AUTOLOGIN });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      stdout: '',
      stderr: `usage: autologin.py [-h] [-d] [-a] [-u USERNAME] …\nautologin.py: error: ${reason}\n`,
      code: 2,
    };
  }
  await session.signIn(config.user);
  return done();
};

/** How many old files ChromeOS keeps of /var/log/messages (section 3.4). */
const MESSAGES_KEPT = 7;

/** Moves /var/log/messages on by one, as chromeos-cleanup-logs does daily, and has rsyslogd open it again. */
export function rotateMessages(): void {
  const path = join(PATHS.logs, 'messages');
  rmSync(`${path}.${MESSAGES_KEPT}`, { force: true });
  for (let number = MESSAGES_KEPT - 1; number > 0; number--)
    if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`);
  if (existsSync(path)) renameSync(path, `${path}.1`);
  process.kill(Number(readFileSync(PATHS.syslogPid, 'utf8')), 'SIGHUP');
}

/** Long enough for the answer to reach whoever asked before the device ends. */
const HALT_DELAY_MS = 50;

const halt =
  (how: 'reboot' | 'poweroff'): Program =>
  (world) => {
    world.log('init', 'notice', `${how} was asked for`);
    setTimeout(() => spawn(join(PATHS.library, 'halt'), [how], { detached: true, stdio: 'ignore' }), HALT_DELAY_MS);
    return Promise.resolve(done());
  };

/** Stand-ins about sessions and power, and what the rig's own command line asks for. */
export const SESSION_PROGRAMS: Readonly<Record<string, Program>> = {
  'autologin.py': autologin,
  'device-signin': async ({ session, config }) => {
    await session.signIn(config.user);
    return done(`${config.user.email} is signed in`);
  },
  'device-signout': async ({ session }) => {
    await session.signOut();
    return done('nobody is signed in');
  },
  'device-guest': async ({ session }) => {
    await session.signInAsGuest();
    return done('a guest is signed in');
  },
  reboot: halt('reboot'),
  poweroff: halt('poweroff'),
  shutdown: (world, request) => halt(request.argv.includes('-r') ? 'reboot' : 'poweroff')(world, request),
};
