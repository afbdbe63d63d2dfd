import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import sirv from 'sirv';
import { type Flags, USAGE, machineNames, namesOf, originOf, parseFlags } from './flags.ts';
import { openBrowser } from './open-browser.ts';
import { startPracticeTargets } from './practice-targets.ts';
import { addDevice, createRelay } from './relay.ts';

/** How long a stop may take before the process leaves anyway, in ms. */
const STOP_DEADLINE_MS = 5_000;

/** What a <meta> policy cannot say; the rest of the policy is in the page. */
const HEADERS = {
  'content-security-policy': "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

async function run(flags: Flags): Promise<void> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`);
  const log = pino({ level: 'warn' }, pino.destination(2));
  const practice = await startPracticeTargets(flags.stateDirectory);
  const relay = createRelay({ stateDirectory: flags.stateDirectory, builtIn: practice.targets, log });

  const app = join(dirname(fileURLToPath(import.meta.url)), '..', 'app');
  const serveApp = sirv(app, { single: '200.html', gzip: true, brotli: true, etag: true });
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    void relay
      .handle(request, response)
      .then((handled) => {
        if (handled) return;
        const refusal = relay.gate.checkSource(request, false);
        if (refusal) response.writeHead(refusal.status, { 'content-type': 'text/plain' }).end(`${refusal.problem}\n`);
        else serveApp(request, response, () => void response.writeHead(404).end());
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'a request failed');
        response.destroy();
      });
  });
  server.on('upgrade', (request, socket, head) => {
    if (!relay.upgrade(request, socket, head)) socket.destroy();
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    const reason =
      error.code === 'EADDRINUSE'
        ? `Port ${flags.port} is taken, perhaps by a workbench that runs already. Use that one, or: npm start -- --port 0`
        : `Cannot listen on ${flags.host}:${flags.port}: ${error.message}`;
    process.stderr.write(`${reason}\n`);
    process.exit(1);
  });
  await new Promise<void>((resolve) => server.listen(flags.port, flags.host, resolve));

  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the relay listens on no port');
  relay.gate.allow(bound.port, namesOf(flags.host, machineNames()));

  const device = await addDevice(relay, flags.device, say);
  const link = (): string => `${originOf(flags.host, bound.port)}${relay.newLink(device)}`;
  const first = link();
  say(`Crostini Workbench is ready. Open this link; it works once:\n\n  ${first}\n`);
  if (!['127.0.0.1', 'localhost', '::1'].includes(flags.host))
    say(
      `Listening on ${flags.host}: whoever can read this network's traffic can read the session. Prefer an SSH tunnel.`,
    );
  if (process.stdin.isTTY) {
    say('Press Enter for a new link, Ctrl-C to stop.');
    process.stdin.on('data', () => say(`\n  ${link()}\n`));
  }
  if (flags.open) openBrowser(first, flags.stateDirectory);

  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS).unref();
    process.stdin.pause();
    server.close();
    void relay
      .close()
      .then(() => practice.close())
      .then(() => server.closeAllConnections());
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

const parsed = parseFlags(process.argv.slice(2), process.env);
if ('help' in parsed) process.stdout.write(USAGE);
else if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n\n${USAGE}`);
  process.exitCode = 2;
} else await run(parsed.flags);
