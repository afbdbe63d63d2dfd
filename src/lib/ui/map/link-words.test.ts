import { describe, expect, it } from 'vitest';
import type { Link } from '#lib/domain/link.ts';
import { interfaceWord, linkFacts, neighbourLines, portWord } from './link-words.ts';

const link = (more: Partial<Link>): Link => ({
  from: 'a',
  to: 'b',
  kind: 'runtime',
  transport: 'grpc-vsock',
  what: '',
  source: '',
  ...more,
});

describe('a link in words', () => {
  it('has its port where that is fixed', () => {
    expect(portWord(link({ port: '8888' }))).toBe(':8888');
    expect(portWord(link({ port: '10000-19999 (first free)' }))).toBe(':10000+');
    expect(portWord(link({ port: '>=1024' }))).toBe(':≥1024');
    expect(portWord(link({ port: 'ephemeral' }))).toBeUndefined();
    expect(portWord(link({}))).toBeUndefined();
  });

  it('has its interface by its last name', () => {
    expect(interfaceWord(link({ service: 'vm_tools.Maitred' }))).toBe('Maitred');
    expect(interfaceWord(link({ busName: 'org.chromium.One, org.chromium.Two' }))).toBe('One');
    expect(linkFacts(link({ service: 'vm_tools.Maitred', port: '8888' }))).toBe('vm_tools.Maitred · port 8888');
  });

  it('is told from the point of view of the focus', () => {
    const there = link({ service: 'x.Y', port: '1' });
    const back = link({ from: 'b', to: 'a', transport: 'exec' });
    expect(neighbourLines('a', [there])).toEqual(['→ gRPC :1', 'Y']);
    expect(neighbourLines('b', [there])).toEqual(['← gRPC :1', 'Y']);
    expect(neighbourLines('a', [there, back])).toEqual(['→ gRPC :1', '← starts it']);
  });
});
