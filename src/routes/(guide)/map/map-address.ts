import { LAYERS, type Layer } from '#lib/domain/component.ts';
import { PERSPECTIVES, type Perspective } from '#lib/domain/perspective.ts';
import { type Order, SORT_KEYS } from '#lib/ui/map/component-order.ts';

/** What the map shows; all of it is in the address. */
export interface MapState {
  readonly perspective: Perspective;
  readonly view: 'diagram' | 'table';
  readonly query: string;
  readonly layers: readonly Layer[];
  /** An overview group that is picked out. */
  readonly group: string | undefined;
  /** A component's id. */
  readonly component: string | undefined;
  readonly order: Order | undefined;
}

/** Reads an address. What it does not know it takes for not given: anybody can write a link. */
export function readAddress(search: URLSearchParams): MapState {
  const sort = search.get('sort') ?? '';
  const by = SORT_KEYS.find((key) => key === sort.replace(/^-/, ''));
  return {
    perspective: PERSPECTIVES.find((perspective) => perspective === search.get('show')) ?? 'runs',
    view: search.get('view') === 'table' ? 'table' : 'diagram',
    query: search.get('q') ?? '',
    layers: LAYERS.filter((layer) => search.getAll('layer').includes(layer)),
    group: search.get('group') ?? undefined,
    component: search.get('component') ?? undefined,
    order: by && { by, descending: sort.startsWith('-') },
  };
}

/** The query of an address; what is as usual is left out. */
export function writeAddress({ perspective, view, query, layers, group, component, order }: MapState): string {
  const search = new URLSearchParams();
  if (perspective !== 'runs') search.set('show', perspective);
  if (view !== 'diagram') search.set('view', view);
  if (query !== '') search.set('q', query);
  for (const layer of layers) search.append('layer', layer);
  if (group !== undefined) search.set('group', group);
  if (component !== undefined) search.set('component', component);
  if (order) search.set('sort', `${order.descending ? '-' : ''}${order.by}`);
  return search.toString();
}
