import { type Component, LAYERS } from '#lib/domain/component.ts';
import type { ComponentState } from '#lib/domain/presence.ts';
import { DELIVERY_WORDS } from './delivery-words.ts';
import { STATE_WORDS } from './state-words.ts';

/** What the table can be ordered by. */
export const SORT_KEYS = ['name', 'lane', 'state', 'repo', 'delivery', 'log', 'out', 'in'] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** An order; without one components stand as the catalogue has them. */
export interface Order {
  readonly by: SortKey;
  readonly descending: boolean;
}

/** What an order looks at, beside the component itself. */
export interface OrderContent {
  readonly states: ReadonlyMap<string, ComponentState> | undefined;
  readonly sourceLabel: (source: string) => string;
  readonly count: (id: string, direction: 'out' | 'in') => number;
}

/** Components in an order. Equal ones keep theirs; what has no value comes last in both directions. */
export function orderComponents(
  components: readonly Component[],
  order: Order | undefined,
  content: OrderContent,
): Component[] {
  if (!order) return [...components];
  const keyed = components.map((component) => ({ component, key: keyOf(component, order.by, content) }));
  const sign = order.descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.key === '' || b.key === '') return Number(a.key === '') - Number(b.key === '');
    return typeof a.key === 'number' && typeof b.key === 'number'
      ? sign * (a.key - b.key)
      : sign * String(a.key).localeCompare(String(b.key), 'en');
  });
  return keyed.map(({ component }) => component);
}

function keyOf(component: Component, by: SortKey, { states, sourceLabel, count }: OrderContent): string | number {
  const { id, name, lane, repo, delivery, logs } = component;
  const state = states?.get(id);
  switch (by) {
    case 'name':
      return name.toLowerCase();
    case 'lane':
      return LAYERS.indexOf(lane);
    case 'state':
      return state ? Object.keys(STATE_WORDS).indexOf(state.state) : '';
    case 'repo':
      return repo;
    case 'delivery':
      return delivery.map((way) => DELIVERY_WORDS[way].label).join(', ');
    case 'log':
      return logs.map(({ source }) => sourceLabel(source)).join(', ');
    default:
      return count(id, by);
  }
}
