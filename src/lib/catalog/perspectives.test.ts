import { expect, it } from 'vitest';
import { LINKS } from './links.ts';
import { PERSPECTIVES, shows } from '../domain/perspective.ts';

const shown = (perspective: (typeof PERSPECTIVES)[number]) => LINKS.filter((link) => shows(perspective, link));

it('shows every link somewhere', () => {
  expect(LINKS.filter((link) => !PERSPECTIVES.some((perspective) => shows(perspective, link)))).toEqual([]);
});

it('keeps build links for how it ships, and syslog for where it logs', () => {
  expect(shown('ships').map(({ kind }) => kind)).toEqual(LINKS.flatMap(({ kind }) => (kind === 'build' ? [kind] : [])));
  for (const perspective of ['runs', 'rpc'] as const)
    expect(shown(perspective).filter(({ kind, transport }) => kind === 'build' || transport === 'syslog')).toEqual([]);
  expect(shown('logs').filter(({ transport }) => transport === 'syslog')).toEqual(
    LINKS.filter(({ transport }) => transport === 'syslog'),
  );
});

it('draws RPC with the lines of where it runs', () => {
  expect(shown('rpc').filter((link) => !shows('runs', link))).toEqual([]);
});
