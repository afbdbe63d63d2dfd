import fc from 'fast-check';
import { expect, it } from 'vitest';
import { misplacedCommand } from './misplaced-command.ts';
import { PLACES } from './place.ts';

it.each([
  ['cros deploy root@dut garcon', 'device', 'outside'],
  ['(outside) $ cros workon --board=eve start x', 'device', 'outside'],
  ['(outside) $ cros workon --board=eve start x', 'outside', undefined],
  ['cros_sdk emerge-tatl sommelier', 'penguin', 'outside'],
  ['emerge-tatl sommelier', 'termina', 'inside'],
  ['../../chromite/contrib/guestos/deploy_to_termina --board tatl dut x', 'device', 'inside'],
  ['CROS_USER_ID_HASH=abc vmc list', 'penguin', 'device'],
  ['stop vm_concierge; start vm_concierge', 'termina', 'device'],
  ['sudo apt install ./foo.deb', 'device', 'penguin'],
  ['lxc list', 'device', 'termina'],
  ['echo hello\nlxc list', 'penguin', 'termina'],
  ['vmc list', 'device', undefined],
  ['ls -la', 'device', undefined],
  ['grep vmc /var/log/messages', 'device', undefined],
  ['# cros deploy dut garcon', 'device', 'outside'],
  ['', 'device', undefined],
] as const)('%j in %s belongs to %s', (text, here, expected) => {
  expect(misplacedCommand(text, here)).toBe(expected);
});

it('never throws, never hangs, and never says that a command belongs where it is', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), fc.constantFrom(...PLACES), (text, here) => {
      expect(misplacedCommand(text, here)).not.toBe(here);
    }),
  );
});
