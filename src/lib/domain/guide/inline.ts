import { oneLine } from '../fingerprint.ts';

/** What a run of Markdown text says: its sentences, and what stands in them to be taken exactly. */
export interface Inline {
  /** The text on one line, with a backquote for each literal and without the targets of links. */
  readonly prose: string;
  readonly literals: readonly string[];
  readonly links: readonly string[];
}

const ESCAPE = /\\(?<escaped>[!-/:-@[-`{-~])/;
const CODE = /(?<!`)(?<ticks>`+)(?!`)(?<code>.*?)(?<!`)\k<ticks>(?!`)/;
const LINK =
  /!?\[(?<text>[^[\]]*)\](?:\((?<url>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?: +"[^"]*")?\)|\[(?<label>[^[\]]*)\])?/;
const ADDRESS = /<?(?<address>https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])>?/;
/** In this order: a command of root, a path, a flag, a variable, a number. */
const LITERAL = new RegExp(
  [
    String.raw`\bsudo(?: [\w./=$@-]*[\w/=$@-])+`,
    String.raw`(?<![\w./~-])(?:~\w*)?(?:\/[\w.+@$-]*[\w$-])+\/?`,
    String.raw`(?<![\w-])--[a-z][\w-]*(?:=[\w./-]*\w)?`,
    String.raw`\$?\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b`,
    String.raw`(?<![\w.])\d+(?:\.\d+)*(?!\w)`,
  ].join('|'),
);
const INLINE = new RegExp(
  [ESCAPE, CODE, LINK, ADDRESS].map((one) => one.source).join('|') + `|(?<literal>${LITERAL.source})`,
  'g',
);

/** Reads Markdown text, of any form: what is no complete code span or link stays in the prose as it is. */
export function readInline(markdown: string): Inline {
  const literals: string[] = [];
  const links: string[] = [];
  const prose = oneLine(markdown).replace(INLINE, (...match): string => {
    const groups = match.at(-1) as Readonly<Record<string, string | undefined>>;
    const { escaped, code, text, url, label, address, literal } = groups;
    if (escaped !== undefined) return escaped;
    if (text !== undefined) {
      const inner = readInline(text);
      literals.push(...inner.literals);
      links.push(url ?? `[${unescape(label || text)}]`);
      return inner.prose;
    }
    if (address !== undefined) links.push(address);
    else literals.push((code ?? literal ?? '').trim());
    return '`';
  });
  return { prose, literals, links };
}

/** Text without the backslashes that keep punctuation from being Markdown. */
export function unescape(text: string): string {
  return text.replace(new RegExp(ESCAPE.source, 'g'), '$<escaped>');
}
