import { fingerprint, oneLine } from '../fingerprint.ts';
import type { Block, CommandFacts } from '../guide-facts.ts';
import { readInline } from './inline.ts';

/** A line of the guide with its number, from 1. */
export interface Line {
  readonly text: string;
  readonly line: number;
}

/**
 * `(outside) $`, `(device) #`, `$`, or a place alone: the guide writes all of them (chromeos-facts.md section 8, no. 12).
 * After a place of the workstation `#` begins a comment, since nobody is root there.
 */
const PROMPT =
  /^(?:\([a-z]+\) ?\$|\((?!inside|outside)[a-z]+\) ?#|\((?:inside|outside|device|termina|penguin)\)|\$)(?=\s|$)/;

/** Lines that one command may have; a bound for what a stray quote makes the parser try. */
const MOST_LINES = 50;

/** The prompt at the start of a line and what follows it. */
export function splitPrompt(text: string): { readonly prompt: string; readonly rest: string } {
  const trimmed = text.trim();
  const prompt = PROMPT.exec(trimmed)?.[0] ?? '';
  return { prompt: prompt.replace(/\)(?=[$#])/, ') '), rest: trimmed.slice(prompt.length).trim() };
}

/**
 * The commands of a code block. A command goes on over a backslash, an open quote, and a pipe, && or || at the end of
 * its line; spaces between its words count as one. A comment behind it is kept apart; one of its own is a text.
 */
export function readCodeBlock(lines: readonly Line[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length;) {
    const { text, line } = lines[at] ?? { text: '', line: 0 };
    const { prompt, rest } = splitPrompt(text);
    const { command, taken } = rest.startsWith('#') ? { command: rest, taken: 1 } : readCommand(lines, at, rest);
    at += taken;
    const { words, comment } = scan(command);
    if (words) blocks.push({ ...commandFacts(prompt, words, comment), line });
    else if (prompt || comment) {
      const { prose, literals, links } = readInline(`${prompt} ${comment}`);
      blocks.push({ text: fingerprint(prose), literals, links, line });
    }
  }
  return blocks;
}

function commandFacts(prompt: string, command: string, comment: string): CommandFacts {
  return { ...(prompt && { prompt }), command, ...(comment && { comment: fingerprint(oneLine(comment)) }) };
}

/** The command that starts at `lines[from]` with `start`, and of how many lines it is made. */
function readCommand(
  lines: readonly Line[],
  from: number,
  start: string,
): { readonly command: string; readonly taken: number } {
  let command = start;
  let whole = { command, taken: 1 };
  for (const [index, { text }] of lines.slice(from + 1, from + MOST_LINES).entries()) {
    const { comment, quote } = scan(command);
    if (quote) command += `\n${text}`;
    else if (comment) return whole;
    else if (/(?:^|[^\\])(?:\\\\)*\\$/.test(command)) command = `${command.slice(0, -1)} ${text.trim()}`;
    else if (/(?:\||&&)$/.test(command) && !splitPrompt(text).prompt) command += ` ${text.trim()}`;
    else return whole;
    // A quote that never closes is a character of its own line: only what is complete counts.
    if (!scan(command).quote) whole = { command, taken: index + 2 };
  }
  return whole;
}

/** Words and comment of a shell line, and the quote that is still open at its end. */
function scan(text: string): { readonly words: string; readonly comment: string; readonly quote: string } {
  let words = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '\\' && quote !== "'") {
      words += text.slice(at, at + 2);
      at += 1;
    } else if (quote) {
      words += character;
      if (character === quote) quote = '';
    } else if (/\s/.test(character)) {
      if (words && !words.endsWith(' ')) words += ' ';
    } else if (character === '#' && (words === '' || words.endsWith(' '))) {
      return { words: words.trimEnd(), comment: text.slice(at + 1).trim(), quote };
    } else {
      words += character;
      if (character === '"' || character === "'") quote = character;
    }
  }
  return { words: words.trimEnd(), comment: '', quote };
}
