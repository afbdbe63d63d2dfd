import { pause } from '../io.ts';
import { always, fail, printing, type Program } from '../shell/program.ts';
import { Collector, nullSource } from '../io.ts';

const FLOOD_SIZE = 16 * 1024;

/** `yes`: floods as fast as the reader takes it, in constant memory. */
export const yes: Program = {
  name: 'yes',
  isLive: always,
  run: async (call) => {
    if (!call.live) return fail(call, 'yes: on the practice device its output needs a live reader: yes | head');
    const line = `${call.args.join(' ') || 'y'}\n`;
    const chunk = Buffer.from(line.repeat(Math.max(1, Math.floor(FLOOD_SIZE / line.length))));
    while (!call.signal.aborted && (await call.stdout.write(chunk))) {
      // A sink that always has room would keep everything else waiting.
      await new Promise((resolve) => setImmediate(resolve));
    }
    return call.signal.aborted ? 0 : 141;
  },
};

export const sleep: Program = {
  name: 'sleep',
  isLive: always,
  run: async (call) => {
    let seconds = 0;
    for (const word of call.args) {
      const match = /^(\d*\.?\d+)([smhd]?)$/.exec(word);
      if (!match) return fail(call, `sleep: invalid time interval '${word}'`);
      seconds += Number(match[1]) * ({ m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1);
    }
    if (call.args.length === 0) return fail(call, 'sleep: missing operand');
    if (seconds === Infinity || call.args[0] === 'infinity') seconds = 0x7fffffff / 1000;
    await pause(Math.min(seconds * 1000, 0x7fffffff), call.signal);
    return 0;
  },
};

/** `ping`: answers that look right; no packet leaves this process. */
export const ping: Program = {
  name: 'ping',
  isLive: always,
  run: async (call) => {
    const counted = /(?:^| )-c ?(\d+)/.exec(call.args.join(' '));
    const limit = counted ? Number(counted[1]) : call.live ? Infinity : 4;
    const host = call.args.findLast((word) => !word.startsWith('-') && !/^\d+$/.test(word));
    if (host === undefined) return fail(call, 'ping: usage error: Destination address required', 2);
    const address = /^[\d.]+$/.test(host) ? host : '192.0.2.1';
    const { random } = call.shell.world.machine;
    await call.stdout.write(`PING ${host} (${address}) 56(84) bytes of data.\n`);
    let sent = 0;
    while (sent < limit && !call.signal.aborted) {
      sent++;
      const time = (0.4 + random() * 2).toFixed(2);
      if (!(await call.stdout.write(`64 bytes from ${address}: icmp_seq=${String(sent)} ttl=64 time=${time} ms\n`)))
        return 141;
      if (sent < limit) await pause(1000, call.signal);
    }
    await call.stdout.write(
      `\n--- ${host} ping statistics ---\n${String(sent)} packets transmitted, ${String(sent)} received, 0% packet loss, time ${String(sent * 1001)}ms\n`,
    );
    return 0;
  },
};

/** `watch [-n SECONDS] COMMAND`. */
export const watch: Program = {
  name: 'watch',
  isLive: always,
  run: async (call) => {
    const args = [...call.args];
    let seconds = 2;
    while (args[0]?.startsWith('-')) {
      const option = args.shift() ?? '';
      if (/^-n/.test(option)) seconds = Number(option.slice(2) || args.shift()) || 2;
    }
    const command = args.join(' ');
    if (command === '') return fail(call, 'Usage:\n watch [options] command', 1);
    if (!call.live) return fail(call, 'watch: on the practice device this needs a live reader');
    while (!call.signal.aborted) {
      const stdout = new Collector();
      await call.shell
        .spawn(call.env, call.cwd)
        .execute(command, { stdin: nullSource(), stdout, stderr: stdout }, call.signal);
      const header = `Every ${seconds.toFixed(1)}s: ${command}`;
      const date = call.shell.world.machine.now().toUTCString();
      const home = call.stdout.isTty ? '\x1b[H\x1b[2J' : '';
      if (!(await call.stdout.write(Buffer.concat([Buffer.from(`${home}${header}    ${date}\n\n`), stdout.bytes]))))
        return 141;
      await pause(seconds * 1000, call.signal);
    }
    return 0;
  },
};

/** `top`: the process list, drawn anew every three seconds until `q` or Ctrl-C. */
export const top: Program = {
  name: 'top',
  isLive: always,
  run: async (call) => {
    const { machine } = call.shell.world;
    const once =
      !call.live || call.args.some((word) => word.startsWith('-b') || word.includes('n1')) || !call.stdout.isTty;
    while (!call.signal.aborted) {
      const list = await call.shell.output('ps aux', call.signal);
      const rows = list
        .trimEnd()
        .split('\n')
        .slice(0, (call.shell.seat.terminal?.rows ?? 24) - 4);
      const up = Math.floor(machine.uptimeSeconds / 60);
      const text = `top - up ${String(up)} min,  1 user,  load average: 0.31, 0.24, 0.19\nTasks: ${String(list.split('\n').length)} total,   1 running\n\n${rows.join('\n')}\n`;
      if (!(await call.stdout.write((once ? '' : '\x1b[H\x1b[2J') + text))) return 141;
      if (once) return 0;
      await pause(3000, call.signal);
    }
    return 0;
  },
};

export const clear = printing('clear', () => '\x1b[H\x1b[2J\x1b[3J');
