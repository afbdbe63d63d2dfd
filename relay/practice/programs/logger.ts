import { fail, type Program } from '../shell/program.ts';

/** Syslog's numbers are the indices. */
const priorities = ['EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'] as const;

/** `logger [-t TAG] [-p PRIORITY] TEXT`: into messages, or in penguin into the journal. */
export const logger: Program = {
  name: 'logger',
  run: async (call) => {
    let tag = 'root';
    let severity = 'notice';
    const words: string[] = [];
    for (let index = 0; index < call.args.length; index++) {
      const word = call.args[index] ?? '';
      if (word === '-t') tag = call.args[++index] ?? tag;
      else if (word === '-p') severity = (call.args[++index] ?? '').split('.').at(-1) ?? severity;
      else if (word === '-i' || word === '-s' || word === '--') continue;
      else words.push(word);
    }
    const text = words.length > 0 ? words.join(' ') : ((await call.stdin.read(call.signal))?.toString() ?? '');
    const names = {
      emerg: 'EMERG',
      alert: 'ALERT',
      crit: 'CRIT',
      err: 'ERR',
      error: 'ERR',
      warning: 'WARNING',
      warn: 'WARNING',
      notice: 'NOTICE',
      info: 'INFO',
      debug: 'DEBUG',
    } as const;
    const known = names[severity as keyof typeof names] as (typeof names)[keyof typeof names] | undefined;
    if (!known) return fail(call, `logger: unknown priority name: ${severity}`);
    const { machine } = call.shell.world;
    const { user } = call.shell.seat;
    const from = tag === 'root' ? user.name : tag;
    for (const line of text.replace(/\n$/, '').split('\n')) {
      if (call.shell.world.name === 'device') machine.logs.message(known, from, line);
      else
        machine.logs.journal.append({
          priority: priorities.indexOf(known),
          identifier: from,
          pid: call.shell.pid,
          unit: 'session-1.scope',
          user: user.uid !== 0,
          text: line,
        });
    }
    return 0;
  },
};
