import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { CHANNELS_MAX } from '#lib/protocol/limits.ts';
import { REDACT } from './audit.ts';
import { countDescriptors, fitToDescriptors } from './descriptors.ts';
import { type Flags, USAGE, isShared, originsOf, parseFlags } from './flags.ts';
import { STOP_DEADLINE_MS, limitsOf } from './limits.ts';
import { listen } from './listen.ts';
import { Mistakes, surviveMistakes } from './mistakes.ts';
import { openBrowser } from './open-browser.ts';
import { startPracticeTargets } from './practice-targets.ts';
import { prepareState } from './prepare-state.ts';
import { addDevice, createRelay } from './relay.ts';
import { UNUSED_LINKS_MAX } from './sessions.ts';
import { listenProblem, startProblem } from './start-problem.ts';
import { readTargetsFile } from './targets-file.ts';
import { readTlsFiles } from './tls-files.ts';

/**
 * A stream is a buffer of 64 KiB for each read, and V8 hands those it finds unused to another thread to be freed, then
 * waits for that thread: a third of the CPU of a stream, and more where other programs want the processors.
 */
setFlagsFromString('--no-concurrent-array-buffer-sweeping');

/** Called wrongly: says what to do, and ends with the status that shells know for it. */
function refuse(problem: string): void {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}

/**
 * Where the relay's log goes. Not by pino's own destination: after a failed write (a full disk behind `2>relay.log`, a
 * terminal that is gone) its exit hook tries again for ever, and the process never ends.
 */
const STDERR = {
  write: (line: string): void => {
    try {
      writeSync(2, line);
    } catch {
      // A log that can't be written ends no session.
    }
  },
};

/** Ends the process with one sentence, also where something of the relay runs already. */
function fail(problem: string): never {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

async function run(flags: Flags): Promise<void> {
  // The terminal or pipe behind them may go away before the relay does.
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', () => undefined);
  const listed = flags.targets === undefined ? { targets: [] } : readTargetsFile(flags.targets);
  if ('problem' in listed) return refuse(listed.problem);
  const files = flags.tls && readTlsFiles(flags.tls.cert, flags.tls.key);
  if (files && 'problem' in files) return refuse(files.problem);

  prepareState(flags.stateDirectory, flags.audit);
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const log = pino({ level: 'warn', redact: REDACT }, STDERR);
  const mistakes = new Mistakes(log);
  const fit = fitToDescriptors(limitsOf(flags.channels ?? CHANNELS_MAX), countDescriptors());
  if ('problem' in fit) return refuse(fit.problem);
  if (fit.note !== undefined) say(fit.note);
  const onDeath = (sentence: string, output: string): void => log.error({ output }, sentence);
  const practice = flags.fixedTargets ? undefined : await startPracticeTargets(flags.stateDirectory, { onDeath });
  const relay = createRelay({
    stateDirectory: flags.stateDirectory,
    builtIn: practice?.targets ?? [],
    listed: listed.targets,
    fixedTargets: flags.fixedTargets,
    behindProxy: flags.proxy !== undefined,
    ...(flags.proxyPeers && { proxyPeers: flags.proxyPeers }),
    shared: isShared(flags),
    onLinkVoided: () =>
      say(`\n${UNUSED_LINKS_MAX} links work until they are used, so the oldest unused one stopped working.`),
    log,
    mistakes,
    limits: fit.limits,
    ...(flags.graceMs !== undefined && { graceMs: flags.graceMs }),
    ...(flags.audit !== undefined && { audit: flags.audit }),
  });

  const app = join(dirname(fileURLToPath(import.meta.url)), '..', 'app');
  const listening = listen(relay, {
    port: flags.port,
    host: flags.host,
    tls: files?.tls,
    app,
    onError: (error) => mistakes.report(error, 'a connection was not accepted'),
  });
  const { server, port } = await listening.catch((error: unknown) => fail(listenProblem(error, flags)));
  surviveMistakes(mistakes);
  const origins = originsOf(flags, port, files?.names);
  relay.gate.allow(origins);

  const device = await addDevice(relay, flags.device, say);
  const link = (): string => `${origins[0]}${relay.newLink(device)}`;
  const first = link();
  say(`Crostini Workbench is ready. Open this link; it works once:\n\n  ${first}\n`);
  if (flags.proxy !== undefined) say(`The proxy finds it at ${flags.host}:${port}.`);
  if (process.stdin.isTTY) {
    say('Press Enter for a new link, Ctrl-C to stop.');
    process.stdin.on('data', () => say(`\n  ${link()}\n`));
  }
  if (flags.open) {
    try {
      openBrowser(first, flags.stateDirectory);
    } catch (error) {
      say(`No browser was opened: ${startProblem(error)}`);
    }
  }

  let stopping = false;
  const stop = (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): void => {
    // Who says it twice does not want to wait.
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
    process.stdin.pause();
    server.close();
    void relay
      .close()
      .then(() => practice?.close())
      .catch((error: unknown) => log.error({ err: error }, 'the relay did not stop as it should'))
      .then(() => server.closeAllConnections());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
}

const parsed = parseFlags(process.argv.slice(2), process.env);
if ('help' in parsed) process.stdout.write(USAGE);
else if ('problem' in parsed) refuse(`${parsed.problem}\n\n${USAGE}`);
else await run(parsed.flags).catch((error: unknown) => fail(startProblem(error)));
