import type { Source } from '../io.ts';
import { always, fail, type Call, type Program } from '../shell/program.ts';
import { readOperand } from './cat.ts';

/** `head`: stops reading when it has enough, so that `yes | head` ends. */
export const head: Program = {
  name: 'head',
  isLive: always,
  run: async (call) => {
    let unit = 'n';
    let amount = '10';
    const files: string[] = [];
    for (let index = 0; index < call.args.length; index++) {
      const word = call.args[index] ?? '';
      const option = /^-([nc])(.*)$/.exec(word);
      if (option) {
        unit = option[1] ?? 'n';
        amount = (option[2] ?? '') || (call.args[++index] ?? '');
      } else if (/^-\d+$/.test(word)) amount = word.slice(1);
      else if (/^--(?:lines|bytes)=/.test(word))
        [unit, amount] = [word.startsWith('--b') ? 'c' : 'n', word.replace(/^.*=/, '')];
      else if (word !== '--' && word !== '-q') files.push(word);
    }
    const number = parseAmount(amount);
    if (number === null) return fail(call, `head: invalid number of ${unit === 'n' ? 'lines' : 'bytes'}: '${amount}'`);
    if (files.length === 0 || files[0] === '-') return headOfSource(call, call.stdin, unit, number);
    let status = 0;
    for (const [index, file] of files.entries()) {
      const content = await readOperand(call, 'head', file);
      if (!content) {
        status = 1;
        continue;
      }
      if (files.length > 1) await call.stdout.write(`${index > 0 ? '\n' : ''}==> ${file} <==\n`);
      await call.stdout.write(firstPart(content, unit, number));
    }
    return status;
  },
};

function parseAmount(text: string): number | null {
  const match = /^(-?\d+)([kKM]?)$/.exec(text);
  if (!match) return null;
  return Number(match[1]) * ({ k: 1024, K: 1024, M: 1024 * 1024 }[match[2] ?? ''] ?? 1);
}

function firstPart(content: Buffer, unit: string, number: number): Buffer {
  if (unit === 'c') return content.subarray(0, number < 0 ? Math.max(0, content.length + number) : number);
  let wanted = number;
  if (number < 0) {
    let lines = content.length > 0 && content.at(-1) !== 10 ? 1 : 0;
    for (const byte of content) if (byte === 10) lines++;
    wanted = Math.max(0, lines + number);
  }
  let end = 0;
  for (let line = 0; line < wanted; line++) {
    const newline = content.indexOf(10, end);
    if (newline < 0) return content;
    end = newline + 1;
  }
  return content.subarray(0, end);
}

async function headOfSource(call: Call, source: Source, unit: string, number: number): Promise<number> {
  let left = Math.abs(number);
  while (left > 0) {
    const chunk = await source.read(call.signal);
    if (chunk === null) break;
    const part = firstPart(chunk, unit, left);
    source.unread(chunk.subarray(part.length));
    if (unit === 'c') left -= part.length;
    else for (const byte of part) if (byte === 10) left--;
    if (!(await call.stdout.write(part))) return 141;
  }
  return 0;
}
