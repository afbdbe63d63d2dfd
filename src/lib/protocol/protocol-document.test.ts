import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { forwardReportSchema } from './forward.ts';
import * as http from './http.ts';
import * as limits from './limits.ts';
import { fromPageSchema, fromRelaySchema, parseFromPage, parseFromRelay } from './messages.ts';
import { PROBLEM_CODES } from './problem.ts';

/** PROTOCOL.md says all that the schemas say, and nothing else. */

const DOCUMENT = readFileSync(new URL('PROTOCOL.md', import.meta.url), 'utf8');

/** The text below a heading, to the next one of its rank or above. */
function section(heading: string): string {
  const start = DOCUMENT.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`PROTOCOL.md has no heading "${heading}"`);
  const text = DOCUMENT.slice(start + heading.length + 2);
  const rank = /^#+/.exec(heading)?.[0].length ?? 0;
  const next = text.search(new RegExp(`^#{1,${rank}} `, 'm'));
  return next < 0 ? text : text.slice(0, next);
}

/** A table's rows by the name in their first cell. */
function rows(text: string): Map<string, string> {
  return new Map([...text.matchAll(/^\| `([^`]+)` +\|(.*)\|$/gm)].map(([, name = '', rest = '']) => [name, rest]));
}

type Schema = v.GenericSchema & {
  readonly entries?: Record<string, Schema>;
  readonly wrapped?: Schema;
  readonly item?: Schema;
  readonly options?: readonly unknown[];
  readonly pipe?: readonly { readonly type: string; readonly requirement?: unknown }[];
};

/** Every field below a schema, by its path, with what its row must say. */
function fields(schema: Schema, path = ''): [string, string[]][] {
  const says = (schema.pipe ?? []).flatMap(({ type, requirement }): string[] => {
    if (type === 'regex' && requirement instanceof RegExp) return [`\`${requirement.source.replaceAll('\\/', '/')}\``];
    if (type === 'safe_integer') return ['offset'];
    if (type === 'max_value' || type === 'max_length' || type === 'max_bytes') return [String(requirement)];
    if (type === 'min_value' && requirement !== 0) return [`${String(requirement)} to`];
    return [];
  });
  if (schema.type === 'picklist' && (schema.options?.length ?? 0) < 10)
    says.push(...(schema.options ?? []).map((option) => `\`${String(option)}\``));
  if (schema.type === 'nullable') says.push('null');
  if (schema.type === 'optional') says.push('absent');
  const inner = schema.wrapped && fields(schema.wrapped, path);
  const own = says.concat(inner?.find(([name]) => name === path)?.[1] ?? []);
  const below = (inner ?? []).filter(([name]) => name !== path);
  if (schema.entries)
    for (const [name, entry] of Object.entries(schema.entries))
      if (entry.type !== 'literal') below.push(...fields(entry, path === '' ? name : `${path}.${name}`));
  if (schema.item?.entries) below.push(...fields(schema.item, `${path}[]`));
  else if (schema.item) own.push(...(fields(schema.item, path)[0]?.[1] ?? []));
  return [...(path === '' || path.endsWith('[]') ? [] : [[path, own] as [string, string[]]]), ...below];
}

function expectFields(text: string, schema: Schema): void {
  const found = rows(text);
  const wanted = fields(schema);
  expect([...found.keys()]).toEqual(wanted.map(([name]) => name));
  for (const [name, says] of wanted) for (const word of says) expect(found.get(name), name).toContain(word);
}

const typeOf = (schema: { entries: { type: { literal: string } } }): string => schema.entries.type.literal;

const fromRelayClose = fromRelaySchema.options[6];

describe.each([
  { side: '## From the page', schema: fromPageSchema },
  { side: '## From the relay', schema: fromRelaySchema },
] as const)('$side', ({ side, schema }) => {
  const text = `\n${section(side)}`;
  const types = schema.options.map(typeOf);

  it('has a heading for every message, and for no other', () => {
    const headings = [...text.matchAll(/^### `(.*)`$/gm)].map(([, name]) => name);
    expect(headings.toSorted()).toEqual(types.toSorted());
  });

  it.each(schema.options.map((option) => [typeOf(option), option] as const))(
    '%s: every field and its range',
    (type, option) => {
      const start = text.indexOf(`\n### \`${type}\`\n`);
      const end = text.indexOf('\n### ', start + 1);
      expectFields(text.slice(start, end < 0 ? undefined : end), option);
    },
  );
});

describe('signing in and targets', () => {
  const SECTIONS: Record<keyof typeof http, string> = {
    signInSchema: '### `POST /session`',
    signedInSchema: '### The answer of a sign-in',
    sessionSchema: '### `GET /session`',
    signedOutSchema: '### `DELETE /session`',
    targetSchema: '### `GET /targets`',
    targetsSchema: '### `GET /targets`',
    addTargetSchema: '### `POST /targets`',
    oldAlgorithmsSchema: '### `PUT /targets/ID/old-algorithms`',
    trustHostKeySchema: '### `PUT /targets/ID/host-key`',
    refusalSchema: '### Refusals',
  };

  it.each(Object.entries(http))('%s', (name, schema) => {
    const heading = SECTIONS[name as keyof typeof http];
    // The list of targets is one field around the target's own.
    if (name === 'targetsSchema') expect(section(heading)).toContain('{"targets":[…],"fixed":false}');
    else expectFields(section(heading), schema);
  });
});

it("a forward's report: every field and its range", () => {
  const text = section('### Report');
  // Its problem is that of `close`, field for field.
  const { problem, ...own } = forwardReportSchema.entries;
  expectFields(text.replace(/^\| `problem`.*\n/m, ''), v.object(own));
  expect(rows(text).get('problem')).toContain('null');
  expect(fields(problem)).toEqual(fields(fromRelayClose.entries.problem));
});

it('explains every problem, and no other', () => {
  expect([...rows(section('## Problems')).keys()]).toEqual(PROBLEM_CODES);
});

it('has every number as it is, and no other', () => {
  const found = [...rows(section('## Limits'))].map(([name, rest]) => [name, Number(rest.split('|')[0])]);
  expect(Object.fromEntries(found)).toEqual({ ...limits });
});

it('says only numbers that are limits, where it says one in bytes or ms', () => {
  const text = DOCUMENT.slice(DOCUMENT.indexOf('## Opening'), DOCUMENT.indexOf('## Limits'));
  const numbers = [...text.matchAll(/\b(\d{4,})\b(?! characters)/g)].map(([number]) => Number(number));
  const PORTS = [65535, 1234, 40123];
  const known = new Set<number>([...Object.values(limits), 1000, 1009, 1024, 4254, ...PORTS]);
  expect(numbers.filter((number) => !known.has(number))).toEqual([]);
  expect(numbers.length).toBeGreaterThan(10);
});

it('shows sessions in messages that both sides take', () => {
  const said = [...DOCUMENT.matchAll(/^([→←]) (\{.*\})$/gm)];
  expect(said.length).toBeGreaterThan(12);
  for (const [, side, json = ''] of said)
    expect(side === '→' ? parseFromPage(json) : parseFromRelay(json), json).toBeDefined();
});
