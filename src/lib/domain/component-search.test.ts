import { expect, it } from 'vitest';
import type { Component } from './component.ts';
import { filterComponents } from './component-search.ts';

const component = (id: string, more: Partial<Component>): Component => ({
  id,
  name: id,
  layers: ['host'],
  summary: '',
  language: 'C++',
  repo: '',
  sourceUrl: 'https://example.com',
  readmeUrl: null,
  ebuilds: [],
  jobs: [],
  runs: { never: '' },
  lane: 'host',
  logs: [],
  delivery: [],
  sheets: [],
  ...more,
});
const garcon = component('garcon', { layers: ['termina', 'container'], ebuilds: ['chromeos-base/vm_guest_tools'] });
const concierge = component('concierge', {
  summary: 'Starts virtual machines',
  jobs: [{ name: 'vm_concierge', startOn: '', stopOn: '' }],
});
const lxd = component('LXD', { layers: ['termina'], language: 'Go', aliases: ['container manager'] });

it.each([
  ['', [], ['garcon', 'concierge', 'LXD']],
  ['guest_TOOLS', [], ['garcon']],
  ['vm start', [], ['concierge']],
  ['manager', [], ['LXD']],
  ['', ['container'], ['garcon']],
  ['', ['host', 'container'], ['garcon', 'concierge']],
  ['go', ['host'], []],
  ['c', [], ['garcon', 'concierge', 'LXD']],
  ['l', [], ['LXD', 'garcon', 'concierge']],
  ['nothing has this', [], []],
] as const)('%j in %j gives %j', (query, layers, expected) => {
  expect(filterComponents([garcon, concierge, lxd], query, layers).map(({ id }) => id)).toEqual(expected);
});
