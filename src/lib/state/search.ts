import MiniSearch from 'minisearch';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { PLACE_INFO } from '#lib/catalog/places.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import { SHELLS } from '#lib/catalog/shells.ts';
import type { PaletteItem } from '#lib/ui/frame/palette-item.ts';

/** Results shown at once: what fits without scrolling. */
const RESULTS_MAX = 24;

const PAGES: readonly PaletteItem[] = [
  {
    id: 'page:/map',
    kind: 'page',
    title: 'Map',
    subtitle: 'Where the code lives, and what deploys it',
    keywords: ['components', 'repo', 'ebuild'],
  },
  { id: 'page:/sheets', kind: 'page', title: 'Sheets', subtitle: 'Commands for each task, filled from the device' },
  { id: 'page:/logs', kind: 'page', title: 'Logs', subtitle: 'Follow a log of the device' },
  { id: 'page:/files', kind: 'page', title: 'Files', subtitle: 'Copy files to and from termina and penguin' },
  {
    id: 'page:/device',
    kind: 'page',
    title: 'Device',
    subtitle: 'Everything known of the device',
    keywords: ['facts', 'owner hash'],
  },
];

const ACTIONS: readonly PaletteItem[] = [
  {
    id: 'action:add',
    kind: 'action',
    title: 'Add a device',
    subtitle: 'By address or Host alias',
    keywords: ['connect', 'ssh'],
  },
  {
    id: 'action:probe',
    kind: 'action',
    title: 'Probe the device again',
    subtitle: 'Fresh facts',
    keywords: ['refresh', 'facts'],
  },
  {
    id: 'action:screen-reader',
    kind: 'action',
    title: 'Screen reader support in terminals, on or off',
    subtitle: 'Keeps the rows of every terminal as text',
    keywords: ['accessibility', 'voice'],
  },
  ...SHELLS.map((shell): PaletteItem => ({
    id: `shell:${shell.id}`,
    kind: 'action',
    title: `Terminal: ${shell.label}`,
    subtitle: shell.help,
    place: shell.place,
    keywords: ['shell', 'ssh', 'vsh'],
  })),
  ...LOG_SOURCES.map((source): PaletteItem => ({
    id: `log:${source.id}`,
    kind: 'action',
    title: `Log: ${source.label}`,
    subtitle: source.help,
    place: source.place,
    keywords: ['tail', 'follow', 'log'],
  })),
];

const ITEMS: readonly PaletteItem[] = [
  ...COMPONENTS.map((component): PaletteItem => ({
    id: `component:${component.id}`,
    kind: 'component',
    title: component.name,
    subtitle: component.summary,
    keywords: [
      component.repo,
      ...component.ebuilds,
      ...component.jobs.map(({ name }) => name),
      ...(component.aliases ?? []),
    ],
  })),
  ...SHEETS.map((sheet): PaletteItem => ({
    id: `sheet:${sheet.id}`,
    kind: 'sheet',
    title: sheet.title,
    subtitle: sheet.summary,
    keywords: sheet.guideSections,
  })),
  ...SHEETS.flatMap((sheet) =>
    sheet.steps.map((step): PaletteItem => ({
      id: `step:${sheet.id}#${step.id}`,
      kind: 'step',
      title: step.title,
      subtitle: `${sheet.title} · ${PLACE_INFO[step.place].label}`,
      place: step.place,
      keywords: [step.command, step.why],
    })),
  ),
  ...ACTIONS,
  ...PAGES,
];

const byId = new Map(ITEMS.map((item) => [item.id, item]));

const index = new MiniSearch<PaletteItem>({
  fields: ['title', 'subtitle', 'keywords'],
  extractField: (item, field) => {
    const value = item[field as keyof PaletteItem];
    return Array.isArray(value) ? value.join(' ') : String(value ?? '');
  },
  // `vm_host_tools` is found by `host`, and by its whole name.
  tokenize: (text) => [...text.split(/\s+/), ...text.split(/[^\p{L}\p{N}]+/u)].filter(Boolean),
  searchOptions: {
    boost: { title: 4, keywords: 1.5 },
    prefix: true,
    fuzzy: (term) => (term.length > 3 ? 0.25 : 0),
    combineWith: 'AND',
  },
});
index.addAll(ITEMS);

/** What matches, best first; without a query what a newcomer may want. */
export function findItems(query: string): PaletteItem[] {
  if (query.trim() === '') return [...ACTIONS, ...PAGES];
  return index
    .search(query)
    .map((result) => byId.get(String(result.id)))
    .filter((item) => item !== undefined)
    .slice(0, RESULTS_MAX);
}
