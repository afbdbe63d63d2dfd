import { always, fail, printing, type Call, type Program } from '../shell/program.ts';

const uname: Program = {
  name: 'uname',
  run: async (call) => {
    const { kernel, kernelVersion, hostname, machine } = call.shell.world;
    const { arch } = machine.identity;
    const letters = call.args.length === 0 ? 's' : call.args.join('').replaceAll('-', '');
    if (/[^snrvmpioa]/.test(letters))
      return fail(call, `uname: invalid option -- '${letters.replace(/[snrvmpioa]/g, '').charAt(0)}'`);
    const values: Record<string, string> = {
      s: 'Linux',
      n: hostname,
      r: kernel,
      v: kernelVersion,
      m: arch,
      o: 'GNU/Linux',
      p: arch,
      i: arch,
    };
    const wanted = letters.includes('a')
      ? ['s', 'n', 'r', 'v', 'm', 'o']
      : ['s', 'n', 'r', 'v', 'm', 'p', 'i', 'o'].filter((letter) => letters.includes(letter));
    await call.stdout.write(wanted.map((letter) => values[letter] ?? '').join(' ') + '\n');
    return 0;
  },
};

const id: Program = {
  name: 'id',
  run: async (call) => {
    const name = call.args.find((word) => !word.startsWith('-'));
    const user = name === undefined ? call.shell.seat.user : call.shell.world.users.find((one) => one.name === name);
    if (!user) return fail(call, `id: '${name ?? ''}': no such user`);
    const flags = call.args.filter((word) => word.startsWith('-')).join('');
    const byName = flags.includes('n');
    if (flags.includes('u')) await call.stdout.write(`${byName ? user.name : String(user.uid)}\n`);
    else if (flags.includes('g')) await call.stdout.write(`${byName ? user.name : String(user.gid)}\n`);
    else if (flags.includes('G')) await call.stdout.write(`${String(user.gid)}\n`);
    else {
      const own = `${String(user.gid)}(${user.name})`;
      await call.stdout.write(
        `uid=${String(user.uid)}(${user.name}) gid=${own} groups=${own}${user.groups === '' ? '' : ','}${user.groups}\n`,
      );
    }
    return 0;
  },
};

const tty: Program = {
  name: 'tty',
  isLive: always,
  run: async (call) => {
    const { terminal } = call.shell.seat;
    if (terminal && call.stdin.kind === 'tty') {
      await call.stdout.write(`/dev/${terminal.name}\n`);
      return 0;
    }
    await call.stdout.write('not a tty\n');
    return 1;
  },
};

const stty: Program = {
  name: 'stty',
  isLive: always,
  run: async (call) => {
    const { terminal } = call.shell.seat;
    if (!terminal) return fail(call, `stty: 'standard input': Inappropriate ioctl for device`);
    if (call.args[0] === 'size') await call.stdout.write(`${String(terminal.rows)} ${String(terminal.columns)}\n`);
    else if (call.args.length === 0 || call.args[0] === '-a') {
      await call.stdout.write(
        `speed 38400 baud; rows ${String(terminal.rows)}; columns ${String(terminal.columns)}; line = 0;\n`,
      );
    }
    return 0;
  },
};

const tput: Program = {
  name: 'tput',
  isLive: always,
  run: async (call) => {
    const { terminal } = call.shell.seat;
    const texts: Record<string, string> = {
      cols: `${String(terminal?.columns ?? 80)}\n`,
      lines: `${String(terminal?.rows ?? 24)}\n`,
      colors: '256\n',
      clear: '\x1b[H\x1b[2J',
      bold: '\x1b[1m',
      sgr0: '\x1b[0m',
    };
    const text = texts[call.args[0] ?? ''];
    if (text === undefined) return fail(call, `tput: unknown terminfo capability '${call.args[0] ?? ''}'`, 4);
    await call.stdout.write(text);
    return 0;
  },
};

const reboot: Program = {
  name: 'reboot',
  isLive: always,
  run: (call) => {
    // Later than this command's own end, as init takes over from the shell.
    setImmediate(() => call.shell.world.machine.onReboot());
    return 0;
  },
};

const shutdown: Program = {
  name: 'shutdown',
  isLive: always,
  run: (call) =>
    call.args.includes('-r')
      ? reboot.run(call)
      : fail(call, 'shutdown: the practice device does not switch off; reboot works'),
};

/** Programs that need a whole screen. */
const editor = (name: string): Program => ({
  name,
  run: (call) => fail(call, `${name}: not on the practice device; edit with echo, sed -i or cat > FILE`),
});

/** Pagers print everything, as they do when stdout is not a terminal. */
const pager = (name: string): Program => ({
  name,
  isLive: always,
  run: (call) =>
    call.shell
      .spawn(call.env, call.cwd)
      .executeArgv(['cat', ...call.args.filter((word) => !/^[-+]/.test(word))], call, call.signal),
});

const silent = (name: string): Program => ({ name, run: () => 0 });

const history: Program = {
  name: 'history',
  isLive: always,
  run: async (call: Call) => {
    const { historyOf } = await import('../terminal/interactive-shell.ts');
    const { lines } = historyOf(call.shell);
    await call.stdout.write(lines.map((line, index) => `${String(index + 1).padStart(5)}  ${line}\n`).join(''));
    return 0;
  },
};

/** Small commands that every world has. */
export const system: readonly Program[] = [
  uname,
  id,
  tty,
  stty,
  tput,
  history,
  printing('whoami', ({ shell }) => `${shell.seat.user.name}\n`),
  printing('hostname', ({ shell }) => `${shell.world.hostname}\n`),
  printing('nproc', () => '4\n'),
  printing('arch', ({ shell }) => `${shell.world.machine.identity.arch}\n`),
  printing('umask', () => '0022\n'),
  printing('ulimit', () => 'unlimited\n'),
  printing('getconf', () => '4096\n'),
  silent('sync'),
  pager('less'),
  pager('more'),
  ...['vi', 'vim', 'nano', 'emacs'].map(editor),
];

/** Only where there is an init to ask. */
export const power: readonly Program[] = [reboot, shutdown];
