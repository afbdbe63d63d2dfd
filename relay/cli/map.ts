import { parseArgs } from 'node:util';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { LINKS } from '#lib/catalog/links.ts';
import { LAYERS } from '#lib/domain/component.ts';
import type { Outcome } from './outcome.ts';
import { unknownChoice } from './sheets.ts';

/** `map`: every component by where it runs, and what it talks to. JSON has the catalogue's own entries. */
export function showMap(args: readonly string[]): Outcome {
  const { values } = parseArgs({ args: [...args], options: { format: { type: 'string', default: 'text' } } });
  if (values.format === 'json')
    return { code: 0, stdout: `${JSON.stringify({ components: COMPONENTS, links: LINKS }, null, 2)}\n` };
  if (values.format !== 'text') return unknownChoice('--format', values.format, ['text', 'json']);
  const lanes = LAYERS.map((lane) => {
    const components = COMPONENTS.filter((component) => component.lane === lane);
    return [lane.toUpperCase(), ...components.map(componentText)].join('\n\n');
  });
  return { code: 0, stdout: `${lanes.join('\n\n')}\n` };
}

function componentText(component: (typeof COMPONENTS)[number]): string {
  const { id, name, summary, repo, ebuilds, noEbuild, sheets } = component;
  const links = LINKS.filter((link) => link.from === id).map((link) => `${link.to} (${link.transport})`);
  const rows: readonly (readonly [string, string])[] = [
    ['source', repo],
    ['ebuild', ebuilds.join(', ') || (noEbuild ?? '')],
    ['sheets', sheets.join(', ')],
    ['talks to', links.join(', ')],
  ];
  return [
    `${name === id ? name : `${name} [${id}]`}: ${summary}`,
    ...rows.filter(([, value]) => value !== '').map(([label, value]) => `  ${label.padEnd(10)}${value}`),
  ].join('\n');
}
