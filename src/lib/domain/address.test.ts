import { describe, expect, it } from 'vitest';
import { parseAddress, sshDestination } from './address.ts';

describe('parseAddress', () => {
  it.each([
    ['root@192.0.2.7', { user: 'root', host: '192.0.2.7' }],
    ['dut', { host: 'dut' }],
    [' eve-lab:2222 ', { host: 'eve-lab', port: 2222 }],
    ['ssh://root@host:22', { user: 'root', host: 'host', port: 22 }],
    ['[2001:db8::1]:2022', { host: '2001:db8::1', port: 2022 }],
    ['root@2001:db8::1', { user: 'root', host: '2001:db8::1' }],
    ['::1', { host: '::1' }],
    ['chromeos1-row2-rack3-host4.cros', { host: 'chromeos1-row2-rack3-host4.cros' }],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text)).toEqual({ address });
  });

  it.each([
    ['', 'missing'],
    ['   ', 'missing'],
    ['123.45.67.765', 'ends at 255'],
    ['-oProxyCommand=x', 'not a host name'],
    ['a b', 'not an address'],
    ['root@', 'not a host name'],
    ['@host', 'not a user name'],
    ['root:hunter2@host', 'Leave the password out'],
    ['ssh://root:hunter2@host:22', 'Leave the password out'],
    ['host:0', 'not a port'],
    ['host:99999', 'not a port'],
    ['$(x)', 'not a host name'],
    [`"; rm -rf / #$(x)\\n'`, 'not an address'],
  ])('refuses %j', (text, problem) => {
    const result = parseAddress(text);
    expect('problem' in result && result.problem).toContain(problem);
    expect('problem' in result && result.problem).not.toContain('hunter2');
  });
});

describe('sshDestination', () => {
  it.each([
    ['192.0.2.7', 'root@192.0.2.7'],
    ['chronos@dut', 'chronos@dut'],
    ['dut:22', 'root@dut'],
    ['dut:2222', 'ssh://root@dut:2222'],
    ['[::1]:2222', 'ssh://root@[::1]:2222'],
    ['::1', 'root@::1'],
  ])('%s becomes %s', (text, expected) => {
    const result = parseAddress(text);
    expect('address' in result && sshDestination(result.address)).toBe(expected);
  });
});
