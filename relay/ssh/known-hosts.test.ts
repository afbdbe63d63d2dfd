import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fingerprintOf,
  judgeHostKey,
  pinnedKeys,
  preferredKeyTypes,
  readPublicKey,
  replaceHostKey,
  type PublicKey,
} from './known-hosts.ts';

function key(type: string, seed: number): PublicKey {
  const blob = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(type), Buffer.alloc(32, seed)]);
  const parsed = readPublicKey(blob);
  if (!parsed) throw new Error('A key has a type.');
  return parsed;
}

const A = key('ssh-ed25519', 1);
const B = key('ssh-ed25519', 2);
const RSA = key('ssh-rsa', 3);
const line = (names: string, { type, base64 }: PublicKey, marker = '') => `${marker}${names} ${type} ${base64}\n`;

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('judging', () => {
  it.each<[string, string, string, string]>([
    ['nothing on file', '', '', 'unknown'],
    ['own', line('dut', A), '', 'known'],
    ["person's", '', line('dut', A), 'known'],
    ['another key', line('dut', B), '', 'changed'],
    ["another key in the person's", '', line('dut', B), 'changed'],
    ['another type only', line('dut', RSA), '', 'changed'],
    ['one of several', line('dut', B) + line('dut', RSA) + line('dut', A), '', 'known'],
    ["own wins over a stale person's", line('dut', A), line('dut', B), 'known'],
    ["stale own wins over the person's", line('dut', B), line('dut', A), 'changed'],
    ['another host', line('other', B), line('dut2', B), 'unknown'],
    ['list', line('other,dut', A), '', 'known'],
    ['pattern', line('d?t', A), '', 'known'],
    ['upper case', line('DUT', A), '', 'known'],
    ['pattern with exception', line('d*,!dut', A), '', 'unknown'],
    ['hashed', line(hashed('dut'), A), '', 'known'],
    ['hashed, changed', '', line(hashed('dut'), B), 'changed'],
    ['hashed, other', line(hashed('tud'), B), '', 'unknown'],
    ['revoked', line('dut', A), line('*', A, '@revoked '), 'revoked'],
    ['revoked in our own', line('dut', A, '@revoked '), '', 'revoked'],
    ['revoked for others', line('other', A, '@revoked '), '', 'unknown'],
    ['authority', line('*', B, '@cert-authority '), '', 'unknown'],
    ['comment', `# ${line('dut', B)}`, '', 'unknown'],
    ['with a comment and CRLF', line('dut', A).replace('\n', ' me@desk\r\n'), '', 'known'],
    ['damaged', 'dut ssh-ed25519\ndut ssh-ed25519 AAAA\ndut ssh-rsa ' + B.base64, '', 'unknown'],
  ])('%s: %s', (_, own, user, kind) => expect(judgeHostKey(A, 'dut', own, user).kind).toBe(kind));

  it('knows ports', () => {
    const text = line('[dut]:2222', A) + line('dut', B);
    expect(judgeHostKey(A, '[dut]:2222', text, '').kind).toBe('known');
    expect(judgeHostKey(A, 'dut', text, '').kind).toBe('changed');
    expect(judgeHostKey(A, '[dut]:2223', text, '').kind).toBe('unknown');
  });

  it('tells the pinned key of the same type, else any', () => {
    expect(judgeHostKey(A, 'dut', line('dut', RSA) + line('dut', B), '')).toEqual({ kind: 'changed', pinned: B });
    expect(judgeHostKey(A, 'dut', line('dut', RSA), '')).toEqual({ kind: 'changed', pinned: RSA });
  });

  it('asks for pinned types first', () => {
    expect(preferredKeyTypes([])[0]).toBe('ssh-ed25519');
    expect(preferredKeyTypes(pinnedKeys('dut', line('dut', RSA), ''))).toEqual([
      'ssh-rsa',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
  });
});

describe('replacing', () => {
  it.each<[string, string, string]>([
    ['an empty file', '', ''],
    ['the old key', line('dut', B), ''],
    ['only of the same type', line('dut', RSA) + line('dut', B), line('dut', RSA)],
    ['only of this host', line('other', B) + line('dut', B), line('other', B)],
    ['a hashed entry', line(hashed('dut'), B), ''],
    ['one name of a list', line('other,dut,third', B), line('other,third', B)],
    ['no pattern', line('d*', B), line('d*', B)],
    ['no marker', line('dut', B, '@revoked '), line('dut', B, '@revoked ')],
    ['after a line without end', '# x', '# x\n'],
  ])('%s', (_, before, kept) => expect(replaceHostKey(before, 'dut', A)).toBe(kept + line('dut', A)));

  it('keeps every other line byte for byte, and what it wrote is known', () => {
    const other = fc.oneof(
      fc
        .string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) })
        .map((text) => text.replaceAll('\n', '')),
      fc.constantFrom(
        '',
        '  ',
        '# comment',
        '@cert-authority * ssh-rsa AAAA',
        line('other', B).trim(),
        `\t${line('a,b', A).trim()}\r`,
      ),
    );
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        const text = (lines: string[]) => lines.map((one) => `${one}\n`).join('');
        const result = replaceHostKey(text(before) + line('dut', B) + text(after), 'dut', A);
        expect(result).toBe(text(before) + text(after) + line('dut', A));
        expect(judgeHostKey(A, 'dut', result, '').kind).toBe('known');
        expect(replaceHostKey(result, 'dut', A)).toBe(result);
      }),
    );
  });
});

it('never throws for any text, name or blob', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.uint8Array(), (text, name, blob) => {
      readPublicKey(Buffer.from(blob));
      judgeHostKey(A, name, text, `|1|${text}|${text} ssh-rsa ${text}\n@revoked ${name} ${text}`);
      replaceHostKey(text, name, A);
    }),
  );
});

/** Names that HostKeyAlias may be, and that mean more than themselves in a file. */
const SPECIAL = ['*', '?', 'd*', 'dut,*', '!dut', '|1|a|b', '#dut', '@revoked', 'a b', 'a\tb', 'dät', '日本'];

it.each(SPECIAL)('a key that is trusted for %s is trusted for no other name', (name) => {
  const text = replaceHostKey('', name, A);
  expect(text.split('\n')).toHaveLength(2);
  expect(judgeHostKey(A, name, text, '').kind).toBe('known');
  for (const other of ['dut', 'd', 'a', 'b', '', '*', ...SPECIAL])
    if (other !== name) expect(judgeHostKey(A, other, text, ''), other).toEqual({ kind: 'unknown' });
  // Another key takes its place, and a pattern that somebody has written stays.
  const pattern = line('*', RSA);
  expect(judgeHostKey(A, name, replaceHostKey(pattern + text, name, B), '').kind).toBe('changed');
  expect(replaceHostKey(pattern + line('*', A), name, B).startsWith(pattern + line('*', A))).toBe(true);
});

const KEYGEN = (() => {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
  return true;
})();

it.skipIf(!KEYGEN)('reads what ssh-keygen makes', () => {
  const directory = mkdtempSync(join(tmpdir(), 'known-'));
  try {
    const file = join(directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', file]);
    const [type = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    const real = readPublicKey(Buffer.from(base64, 'base64'));
    if (!real) throw new Error('ssh-keygen makes keys.');
    expect(real.type).toBe(type);
    expect(execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' })).toContain(
      fingerprintOf(real).fingerprint,
    );

    const hosts = join(directory, 'known_hosts');
    writeFileSync(hosts, line('dut,192.0.2.7', real) + line('[dut]:2222', real));
    execFileSync('ssh-keygen', ['-H', '-f', hosts], { stdio: 'ignore' });
    const text = readFileSync(hosts, 'utf8');
    expect(text).not.toContain('dut');
    for (const name of ['dut', '192.0.2.7', '[dut]:2222'])
      expect(judgeHostKey(real, name, text, '').kind).toBe('known');
    expect(judgeHostKey(real, 'dut:2222', text, '').kind).toBe('unknown');

    // And the other way: OpenSSH finds what was written here.
    writeFileSync(hosts, replaceHostKey('', '[dut]:2222', real));
    expect(execFileSync('ssh-keygen', ['-F', '[dut]:2222', '-f', hosts], { encoding: 'utf8' })).toContain(base64);
    for (const name of SPECIAL) {
      writeFileSync(hosts, replaceHostKey('', name, real), 'latin1');
      expect(execFileSync('ssh-keygen', ['-F', name, '-f', hosts], { encoding: 'utf8' })).toContain(base64);
      expect(spawnSync('ssh-keygen', ['-F', 'dut', '-f', hosts], { encoding: 'utf8' }).stdout, name).toBe('');
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
