import type { Component } from '#lib/domain/component.ts';
import type { Link } from '#lib/domain/link.ts';
import { type Perspective, shows } from '#lib/domain/perspective.ts';
import type { ComponentState } from '#lib/domain/presence.ts';
import { DELIVERY_WORDS } from './delivery-words.ts';
import { interfaceWord, portWord } from './link-words.ts';
import { STATE_WORDS } from './state-words.ts';

/** Components that have the same answer to what the perspective asks. */
export interface OverviewGroup {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  /** Where the group is a state: how it is marked. */
  readonly mark?: 'ok' | 'warn' | 'idle';
  /** Components. */
  readonly members: readonly string[];
}

/** What the groups are made of. */
export interface OverviewContent {
  readonly components: readonly Component[];
  readonly links: readonly Link[];
  readonly states: ReadonlyMap<string, ComponentState> | undefined;
  readonly sources: readonly { readonly id: string; readonly label: string; readonly help: string }[];
}

/** The groups of a perspective, in a fixed order; none is empty. */
export function overviewGroups(perspective: Perspective, content: OverviewContent): OverviewGroup[] {
  return GROUPS_OF[perspective](content).filter(({ members }) => members.length > 0);
}

const GROUPS_OF: Readonly<Record<Perspective, (content: OverviewContent) => OverviewGroup[]>> = {
  runs: ({ components, states }) => (states ? stateGroups(components, states) : kindGroups(components)),
  rpc: ({ links }) => interfaceGroups(links.filter((link) => shows('rpc', link))),
  ships: ({ components }) =>
    (Object.keys(DELIVERY_WORDS) as (keyof typeof DELIVERY_WORDS)[]).map((id) => ({
      id,
      label: DELIVERY_WORDS[id].label,
      help: DELIVERY_WORDS[id].how,
      members: idsOf(components, ({ delivery }) => delivery.includes(id)),
    })),
  logs: ({ components, sources }) =>
    sources.map(({ id, label, help }) => ({
      id,
      label,
      help,
      members: idsOf(components, ({ logs }) => logs.some(({ source }) => source === id)),
    })),
};

function stateGroups(components: readonly Component[], states: ReadonlyMap<string, ComponentState>): OverviewGroup[] {
  return (Object.keys(STATE_WORDS) as (keyof typeof STATE_WORDS)[]).map((id) => ({
    id,
    label: STATE_WORDS[id].word,
    help: STATE_WORDS[id].help,
    mark: STATE_WORDS[id].mark,
    members: idsOf(components, (component) => states.get(component.id)?.state === id),
  }));
}

function kindGroups(components: readonly Component[]): OverviewGroup[] {
  return [
    {
      id: 'job',
      label: 'Upstart job',
      help: 'Upstart of the host starts and stops it.',
      members: idsOf(components, ({ runs }) => 'job' in runs),
    },
    {
      id: 'process',
      label: 'process',
      help: 'Another component starts it, or systemd of the container.',
      members: idsOf(components, ({ runs }) => 'program' in runs || 'container' in runs),
    },
    {
      id: 'none',
      label: STATE_WORDS.none.word,
      help: STATE_WORDS.none.help,
      members: idsOf(components, ({ runs }) => 'never' in runs),
    },
  ];
}

/** By the service or bus name that answers: those with a port first, in its order. */
function interfaceGroups(links: readonly Link[]): OverviewGroup[] {
  const named = links.filter((link) => interfaceWord(link) !== undefined);
  const port = (link: Link): number => Number(/\d+/.exec(link.port ?? '')?.[0] ?? Infinity);
  const byPort = named.toSorted((a, b) => (port(a) === port(b) ? 0 : port(a) - port(b)));
  const names = [...new Set(byPort.map(({ service, busName }) => service ?? busName ?? ''))];
  return names.map((id) => {
    const own = named.filter(({ service, busName }) => (service ?? busName) === id);
    const [first] = own;
    return {
      id,
      label: first ? [interfaceWord(first), portWord(first)].filter(Boolean).join(' ') : id,
      help: id,
      members: [...new Set(own.flatMap(({ from, to }) => [to, from]))],
    };
  });
}

function idsOf(components: readonly Component[], belongs: (component: Component) => boolean): string[] {
  return components.filter(belongs).map(({ id }) => id);
}
