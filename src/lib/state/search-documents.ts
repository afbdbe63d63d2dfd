import { COMPONENTS } from '#lib/catalog/components.ts';
import { ERRATA } from '#lib/catalog/errata.ts';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { PARAMETERS } from '#lib/catalog/parameters.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import { SHELLS } from '#lib/catalog/shells.ts';
import { sheetParameters } from '#lib/domain/resolve.ts';
import type { PaletteItem } from '#lib/ui/frame/palette-item.ts';

/** An item with everything that it is found by. */
export interface SearchDocument extends PaletteItem {
  /** What it is also called: whole names, which count as much as the title. */
  readonly names: readonly string[];
  /** What it says, piece by piece; the piece with the words looked for is shown. */
  readonly texts: readonly string[];
}

const sheetPath = (sheet: string, hash?: string): string => `/sheets/${sheet}${hash === undefined ? '' : `#${hash}`}`;

const components = COMPONENTS.map(
  ({ id, name, summary, repo, ebuilds, jobs, aliases = [], note, parameters = {} }): SearchDocument => ({
    id: `component:${id}`,
    kind: 'component',
    title: name,
    subtitle: summary,
    path: `/map?component=${id}`,
    names: [...jobs.map((job) => job.name), ...ebuilds, ...Object.values(parameters), ...aliases],
    texts: [summary, repo, ...(note === undefined ? [] : [note])],
  }),
);

const plans = COMPONENTS.filter(({ delivery }) => delivery.length > 0).map(({ id, name }): SearchDocument => ({
  id: `plan:${id}`,
  kind: 'plan',
  title: `I changed ${name}`,
  subtitle: 'The shortest safe way to the device',
  path: `/plan?component=${id}`,
  names: [],
  texts: ['Build, deploy, change.'],
}));

const sheets = SHEETS.map(({ id, title, summary, guideSections }): SearchDocument => ({
  id: `sheet:${id}`,
  kind: 'sheet',
  title,
  subtitle: summary,
  path: sheetPath(id),
  names: [id, ...guideSections],
  texts: [summary],
}));

/** A step that several sheets share is found once, in the first of them. */
const steps = SHEETS.flatMap((sheet) => sheet.steps.map((step) => ({ sheet, step })))
  .filter(
    ({ step }, index, all) =>
      index === all.findIndex(({ step: one }) => one.title === step.title && one.command === step.command),
  )
  .map(({ sheet, step }): SearchDocument => ({
    id: `step:${sheet.id}#${step.id}`,
    kind: 'step',
    title: step.title,
    subtitle: sheet.title,
    place: step.place,
    path: sheetPath(sheet.id, step.id),
    names: [step.id],
    texts: [
      `${sheet.title}.`,
      step.command,
      step.why,
      ...(step.onlyIf === undefined ? [] : [step.onlyIf]),
      ...(step.pitfalls ?? []).map(({ symptom, remedy }) => `${symptom} ${remedy}`),
    ],
  }));

/** Each correction where it is first shown: at a step, or with a component. */
const corrections = ERRATA.flatMap(({ id, guideSays, correct }): SearchDocument[] => {
  const sheet = SHEETS.find((one) => one.steps.some(({ errata }) => errata?.includes(id)));
  const component = COMPONENTS.find(({ errata }) => errata?.includes(id));
  const [where, path] = sheet
    ? [sheet.title, sheetPath(sheet.id, id)]
    : [component?.name, component && `/map?component=${component.id}`];
  if (where === undefined || path === undefined) return [];
  return [
    {
      id: `correction:${id}`,
      kind: 'correction',
      title: correct,
      subtitle: where,
      path,
      names: [],
      texts: [`The guide says: ${guideSays}`, correct],
    },
  ];
});

/** Each value at its field, in the first sheet that asks for it. */
const values = PARAMETERS.flatMap(({ id, label, help, variable }): SearchDocument[] => {
  const sheet = SHEETS.find((one) => sheetParameters(one).includes(id));
  if (!sheet) return [];
  return [
    {
      id: `value:${id}`,
      kind: 'value',
      title: label,
      subtitle: help,
      path: sheetPath(sheet.id, `value-${id}`),
      names: [variable],
      texts: [help],
    },
  ];
});

const logs = LOG_SOURCES.map(({ id, label, help, place }): SearchDocument => {
  const writers = COMPONENTS.filter((component) => component.logs.some(({ source }) => source === id));
  return {
    id: `log:${id}`,
    kind: 'log',
    title: `Log: ${label}`,
    subtitle: help,
    place,
    path: `/logs?source=${id}`,
    names: [],
    texts: [help, `Logs of ${writers.map(({ name }) => name).join(', ')}.`],
  };
});

const shells = SHELLS.map(({ id, label, help, place }): SearchDocument => ({
  id: `shell:${id}`,
  kind: 'action',
  title: `Terminal: ${label}`,
  subtitle: help,
  place,
  names: [],
  texts: [help, 'Opens a shell.'],
}));

const action = (id: string, title: string, subtitle: string, ...names: string[]): SearchDocument => ({
  id: `action:${id}`,
  kind: 'action',
  title,
  subtitle,
  names,
  texts: [subtitle],
});

const pageDocument = (path: string, title: string, subtitle: string, ...names: string[]): SearchDocument => ({
  id: `page:${path}`,
  kind: 'page',
  title,
  subtitle,
  path,
  names,
  texts: [subtitle],
});

/** Shown before anything is typed: what a newcomer may want. */
export const FIRST_DOCUMENTS: readonly SearchDocument[] = [
  pageDocument('/plan', 'I changed …', 'Name it, and get the shortest safe way to the device', 'plan', 'deploy'),
  action('add', 'Add a device', 'By address or Host alias', 'connect', 'ssh'),
  action('probe', 'Probe the device again', 'Fresh facts', 'refresh', 'facts'),
  action(
    'screen-reader',
    'Screen reader support in terminals, on or off',
    'Keeps the rows of every terminal as text',
    'accessibility',
    'voice',
  ),
  action('sign-out', 'Sign out this browser', 'Ends what runs in its windows', 'log out', 'logout', 'session'),
  action('sign-out-elsewhere', 'Sign out everywhere else', 'Ends your sign-ins in other browsers', 'log out', 'logout'),
  ...shells,
  ...logs,
  pageDocument('/map', 'Map', 'Where the code lives, and what deploys it', 'components', 'repo', 'ebuild'),
  pageDocument('/sheets', 'Sheets', 'Commands for each task, filled from the device'),
  pageDocument('/logs', 'Logs', 'Follow a log of the device'),
  pageDocument('/files', 'Files', 'Copy files to and from termina and penguin'),
  pageDocument('/device', 'Device', 'Everything known of the device, and its port forwards', 'facts', 'port forward'),
];

/** Everything that can be found. */
export const DOCUMENTS: readonly SearchDocument[] = [
  ...components,
  ...sheets,
  ...steps,
  ...plans,
  ...corrections,
  ...values,
  ...FIRST_DOCUMENTS,
];
