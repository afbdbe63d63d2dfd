import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventWatch, parseExpression, type UpstartEvent } from './event-expression.ts';

const event = (text: string): UpstartEvent => {
  const [name = '', ...args] = text.split(' ');
  return { name, args };
};

describe('an expression of start on and stop on (chromeos-facts.md section 6)', () => {
  it.each<[string, string[], boolean]>([
    ['started vm_concierge', ['started vm_concierge'], true],
    ['started vm_concierge', ['started vm_concierge_nodefer'], false],
    ['started vm_concierge', ['starting vm_concierge'], false],
    ['stopped vm_concierge', ['stopped vm_concierge ok'], true],
    ['started vm_concierge_nodefer or started-user-session', ['started-user-session'], true],
    ['started vm_concierge_nodefer or started-user-session', ['start-user-session'], false],
    ['started system-services and started vm_concierge', ['started vm_concierge'], false],
    ['started system-services and started vm_concierge', ['started vm_concierge', 'started system-services'], true],
    ['a and b or c', ['c'], true],
    ['a and (b or c)', ['c'], false],
    ['a and (b or c)', ['c', 'a'], true],
  ])('%s after %j is %s', (text, events, isTrue) => {
    const watch = new EventWatch(parseExpression(text));
    expect(events.map((each) => watch.take(event(each))).at(-1) !== null).toBe(isTrue);
  });

  it('forgets what made it true, and not before', () => {
    const watch = new EventWatch(parseExpression('a and b'));
    expect(watch.take(event('a'))).toBeNull();
    expect(watch.take(event('a'))).toBeNull();
    expect(watch.take(event('b'))).toHaveLength(2);
    expect(watch.take(event('b'))).toBeNull();
  });

  it('is true for an and exactly when both sides came since the last time, in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'x')), (names) => {
        const watch = new EventWatch(parseExpression('a and b'));
        const open = new Set<string>();
        for (const name of names) {
          if (name !== 'x') open.add(name);
          const isTrue = open.size === 2;
          expect(watch.take(event(name)) !== null).toBe(isTrue && name !== 'x');
          if (isTrue) open.clear();
        }
      }),
    );
  });

  it.each(['', 'a and', '(a', 'a)', 'and b'])('refuses %j', (text) => {
    expect(() => parseExpression(text)).toThrow();
  });
});
