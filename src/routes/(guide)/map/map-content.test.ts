import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { LINKS } from '#lib/catalog/links.ts';
import { LOG_SOURCES } from '#lib/catalog/log-sources.ts';
import { PERSPECTIVES, shows } from '#lib/domain/perspective.ts';
import { presenceOf } from '#lib/domain/presence.ts';
import { type OrderContent, SORT_KEYS, orderComponents } from '#lib/ui/map/component-order.ts';
import { type OverviewContent, overviewGroups } from '#lib/ui/map/overview-groups.ts';

const ORDER_CONTENT: OrderContent = {
  states: new Map([
    ['garcon', { state: 'running', why: '' }],
    ['9s', { state: 'absent', why: '' }],
  ]),
  sourceLabel: (source) => source,
  count: (id, direction) => LINKS.filter(({ from, to }) => (direction === 'out' ? from : to) === id).length,
};
const ids = (by: (typeof SORT_KEYS)[number], descending = false) =>
  orderComponents(COMPONENTS, { by, descending }, ORDER_CONTENT).map(({ id }) => id);

describe('orderComponents', () => {
  it('leaves the catalogue’s order without one', () => {
    expect(orderComponents(COMPONENTS, undefined, ORDER_CONTENT)).toEqual(COMPONENTS);
  });

  it('orders by name, by state, by number of links', () => {
    expect(ids('name')[0]).toBe('9s');
    expect(ids('name', true)[0]).toBe('vshd');
    expect(ids('state').slice(0, 2)).toEqual(['garcon', '9s']);
    expect(ids('in', true)[0]).toBe('cicerone');
  });

  it('puts what has no value last, whichever way', () => {
    expect(ids('state', true).slice(0, 2)).toEqual(['9s', 'garcon']);
    for (const descending of [true, false])
      expect(COMPONENTS.find(({ id }) => id === ids('log', descending).at(-1))?.logs).toEqual([]);
  });

  it('loses and adds nothing', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SORT_KEYS), fc.boolean(), (by, descending) => {
        expect(new Set(ids(by, descending))).toEqual(new Set(COMPONENTS.map(({ id }) => id)));
      }),
    );
  });
});

const CONTENT: OverviewContent = {
  components: COMPONENTS,
  links: LINKS,
  states: undefined,
  sources: LOG_SOURCES,
};

describe('overviewGroups', () => {
  it.each(PERSPECTIVES)('of %s have members, and each an id of its own', (perspective) => {
    const groups = overviewGroups(perspective, CONTENT);
    expect(new Set(groups.map(({ id }) => id)).size).toBe(groups.length);
    for (const { members } of groups) expect(members.length).toBeGreaterThan(0);
  });

  it('put every component where it runs, with and without a device', () => {
    const states = new Map(COMPONENTS.map((component) => [component.id, presenceOf(component, {})]));
    for (const each of [CONTENT, { ...CONTENT, states }])
      expect(overviewGroups('runs', each).flatMap(({ members }) => members).length).toBe(COMPONENTS.length);
  });

  it('say who takes part in an interface, in the order of ports', () => {
    const [first] = overviewGroups('rpc', CONTENT);
    expect(first).toMatchObject({ label: 'StartupListener :7777', members: ['concierge', 'maitred'] });
  });
});

describe('two components', () => {
  it('have no more links in a perspective than fit in a box', () => {
    for (const perspective of PERSPECTIVES)
      for (const { from, to } of LINKS) {
        const between = LINKS.filter((link) => [link.from, link.to].sort().join() === [from, to].sort().join());
        expect(between.filter((link) => shows(perspective, link)).length).toBeLessThanOrEqual(2);
      }
  });
});
