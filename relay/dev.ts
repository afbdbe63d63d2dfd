import type { Server } from 'node:http';
import { join, sep } from 'node:path';
import { pino } from 'pino';
import type { Plugin } from 'vite';
import { REDACT } from './audit.ts';
import { type Flags, isShared, originsOf, parseFlags } from './flags.ts';
import { limitsOf } from './limits.ts';
import { startPracticeTargets } from './practice-targets.ts';
import { ROOT, buildPractice } from './prepare.mjs';
import { prepareState } from './prepare-state.ts';
import { type Relay, addDevice, createRelay } from './relay.ts';
import { readTargetsFile } from './targets-file.ts';

const PRACTICE_SOURCES = join(ROOT, 'relay', 'practice') + sep;

/**
 * Attaches the relay to Vite's server, for `npm run dev`. Vite restarts itself when a file of the relay changes,
 * because its configuration imports them; pages reconnect.
 */
export function relayInDev(): Plugin {
  return {
    name: 'crostini-workbench-relay',
    apply: 'serve',
    config: () => {
      const { port, host } = flagsOfDev();
      return { server: { port: port === 0 ? 5173 : port, host, strictPort: port !== 0 } };
    },
    async configureServer(vite) {
      // Tools that only load the configuration (vitest, svelte-check) have no server to attach to.
      const server = vite.httpServer as Server | null;
      if (!server) return;
      const flags = flagsOfDev();
      const { stateDirectory, targets, fixedTargets, graceMs, audit, channels } = flags;
      const listed = targets === undefined ? { targets: [] } : readTargetsFile(targets);
      if ('problem' in listed) throw new Error(listed.problem);
      prepareState(stateDirectory, audit);
      const practice = await startPracticeTargets(stateDirectory, {
        program: await buildPractice(),
        onDeath: (sentence, output) => vite.config.logger.error(`${sentence}\n${output}`),
      });
      const relay = createRelay({
        stateDirectory,
        builtIn: practice.targets,
        listed: listed.targets,
        fixedTargets,
        shared: isShared(flags),
        log: pino({ level: 'warn', redact: REDACT }),
        ...(channels !== undefined && { limits: limitsOf(channels) }),
        ...(graceMs !== undefined && { graceMs }),
        ...(audit !== undefined && { audit }),
      });
      // Their process is built, so Vite does not know what it is made of.
      vite.watcher.on('change', (file) => {
        if (file.startsWith(PRACTICE_SOURCES)) void vite.restart();
      });
      server.on('close', () => void relay.close().then(() => practice.close()));
      attach(relay, server, (text) => vite.config.logger.info(`\n  ${text}\n`));
      vite.middlewares.use((request, response, next) => {
        void relay.handle(request, response).then((handled) => (handled ? undefined : next()), next);
      });
    },
  };
}

function flagsOfDev(): Flags {
  const parsed = parseFlags(
    process.argv.slice(2).filter((arg) => arg !== '--dev'),
    process.env,
  );
  if (!('flags' in parsed))
    throw new Error('problem' in parsed ? parsed.problem : 'npm run dev takes the flags of npm start');
  const { flags } = parsed;
  if (flags.tls || flags.proxy !== undefined)
    throw new Error('npm run dev takes neither TLS nor a proxy: use npm start, or a tunnel to 127.0.0.1.');
  return flags;
}

/** Lets the relay take upgrades and prints a link, at every start: Vite also restarts when the relay's code changes. */
function attach(relay: Relay, server: Server, announce: (link: string) => void): void {
  server.on('upgrade', (request, socket, head) => void relay.upgrade(request, socket, head));
  server.on('listening', () => {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') return;
    const flags = flagsOfDev();
    const origins = originsOf(flags, bound.port);
    relay.gate.allow(origins);
    void addDevice(relay, flags.device, announce).then((id) => announce(`${origins[0]}${relay.newLink(id)}`));
  });
}
