import { expect, it } from 'vitest';
import { forwardCommand, forwardHost } from '../domain/forward-preset.ts';
import { renderCommand, resolveParameters } from '../domain/resolve.ts';
import { FORWARD_PRESETS } from './forward-presets.ts';
import { PARAMETERS } from './parameters.ts';

const values = resolveParameters(PARAMETERS, { facts: {}, typed: {} });

it.each([
  ['gdbserver', 'localhost:1234', "gdb -ex 'target remote localhost:40123'"],
  ['container-sshd', 'penguin.linux.test:8222', 'ssh -p 40123 root@localhost'],
])('%s: where it leads before anything is typed, and how it is used', (id, end, command) => {
  const preset = FORWARD_PRESETS.find((other) => other.id === id);
  expect(renderCommand(`${preset?.host}:${preset?.port}`, values).line).toBe(end);
  expect(forwardCommand(preset?.use ?? '', { host: forwardHost('127.0.0.1'), port: 40_123 })).toBe(command);
});

it.each(['127.0.0.1', 'localhost', '[::1]', 'workbench.example'])(
  'a page on %s has forwards under another name',
  (page) => {
    expect(['localhost', '127.0.0.1'].filter((name) => name !== page)).toContain(forwardHost(page));
  },
);

it('has a local port for every one, or none', () => {
  for (const { localPort } of FORWARD_PRESETS)
    if (localPort !== undefined) expect(renderCommand(localPort, values).line).toMatch(/^\d+$/);
});
