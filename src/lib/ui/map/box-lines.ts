import type { Component } from '#lib/domain/component.ts';
import type { Link } from '#lib/domain/link.ts';
import { type Perspective, shows } from '#lib/domain/perspective.ts';
import type { ComponentState } from '#lib/domain/presence.ts';
import { DELIVERY_WORDS } from './delivery-words.ts';
import { interfaceWord, portWord } from './link-words.ts';
import { STATE_WORDS } from './state-words.ts';

/** What a box needs to answer the question of a perspective. */
export interface BoxContent {
  readonly links: readonly Link[];
  readonly states: ReadonlyMap<string, ComponentState> | undefined;
  readonly sourceLabel: (source: string) => string;
}

/** The two lines under a component's name: its answer to what the perspective asks. */
export function boxLines(perspective: Perspective, component: Component, content: BoxContent): string[] {
  const { id, language, runs, delivery, ebuilds, logs } = component;
  switch (perspective) {
    case 'runs': {
      const state = content.states?.get(id);
      const kind = 'job' in runs ? 'Upstart job' : 'never' in runs ? STATE_WORDS.none.word : 'process';
      return [state ? STATE_WORDS[state.state].word : kind, language];
    }
    case 'rpc':
      return twoOf(answersOf(id, content.links));
    case 'ships':
      return twoOf(
        delivery.map((way) => DELIVERY_WORDS[way].label),
        ebuilds[0]?.split('/').at(-1),
      );
    case 'logs':
      return twoOf(
        logs.map(({ source }) => content.sourceLabel(source)),
        logs[0]?.filter,
      );
  }
}

/** The services and bus names at which a component answers calls, e.g. `Maitred :8888`. */
export function answersOf(id: string, links: readonly Link[]): string[] {
  const answered = links
    .filter((link) => link.to === id && shows('rpc', link))
    .map((link) => [interfaceWord(link), portWord(link)].filter((word) => word !== undefined).join(' '));
  return [...new Set(answered)].filter((word) => word !== '');
}

/** Two lines: the values, or what there is to say of a single one. */
function twoOf(values: readonly string[], more?: string): string[] {
  if (values.length > 2) return [...values.slice(0, 1), `and ${values.length - 1} more`];
  return values.length === 1 && more ? [...values, more] : [...values];
}
