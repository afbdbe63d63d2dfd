import type { Perspective } from '#lib/domain/perspective.ts';
import type { SortKey } from './component-order.ts';

/** What the table can tell of a component, beside its name. */
export type Column =
  'lane' | 'affects' | 'state' | 'jobs' | 'answers' | 'repo' | 'ebuilds' | 'delivery' | 'sheets' | 'log' | 'out' | 'in';

/** A column's head, and what a click on it orders by. */
export const COLUMN_WORDS: Readonly<Record<Column, { readonly label: string; readonly sort?: SortKey }>> = {
  lane: { label: 'Runs in', sort: 'lane' },
  affects: { label: 'Affects', sort: 'lane' },
  state: { label: 'State', sort: 'state' },
  jobs: { label: 'Job or process' },
  answers: { label: 'Answers as' },
  repo: { label: 'Repo', sort: 'repo' },
  ebuilds: { label: 'Ebuilds' },
  delivery: { label: 'Delivery', sort: 'delivery' },
  sheets: { label: 'Sheets' },
  log: { label: 'Log', sort: 'log' },
  out: { label: 'Links out', sort: 'out' },
  in: { label: 'Links in', sort: 'in' },
};

/** The columns that answer the question of a perspective; the diagram's twin has its links in each. */
export const COLUMNS: Readonly<Record<Perspective, readonly Column[]>> = {
  runs: ['lane', 'state', 'jobs', 'out', 'in'],
  rpc: ['lane', 'state', 'answers', 'out', 'in'],
  ships: ['affects', 'repo', 'ebuilds', 'delivery', 'sheets', 'out', 'in'],
  logs: ['lane', 'state', 'log', 'out', 'in'],
};
