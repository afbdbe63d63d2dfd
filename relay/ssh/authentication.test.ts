import { describe, expect, it, vi } from 'vitest';
import { Authentication } from './authentication.ts';
import type { AuthStep, Signer } from './client.ts';
import type { Identity } from './identities.ts';
import type { Question } from '../transport.ts';
import type { Ask } from './questions.ts';

/** The order of a login, without a server. The real one refuses every password, so what it accepts is tested here. */

const identity = (name: string): Identity => ({ name, signer: () => Promise.resolve({} as Signer) });

function login({
  keys = [],
  password = null,
  answers = [],
  oldAlgorithms = false,
}: {
  keys?: (string | Identity)[];
  password?: string | null;
  answers?: (string | null)[];
  oldAlgorithms?: boolean;
}) {
  const asked: Question[] = [];
  const ask: Ask = (question) => {
    asked.push(question);
    const answer = answers.shift() ?? null;
    return Promise.resolve(answer === null ? null : question.questions.map(() => answer));
  };
  const authentication = new Authentication(
    'root@dut:22',
    { offered: keys.map((key) => (typeof key === 'string' ? identity(key) : key)), unusable: ['k: broken'] },
    { password, oldAlgorithms },
    ask,
  );
  authentication.connectionStarted();
  return { authentication, asked };
}

const methodOf = (step: AuthStep) => step?.method ?? null;
const PASSWORD = { name: '', instructions: '', questions: [{ text: 'Password: ', echo: false }] };

async function respond(step: AuthStep, challenge = PASSWORD) {
  if (step?.method !== 'questions') throw new Error('Not a challenge.');
  return step.answer(challenge);
}

describe('a login', () => {
  it('begins without anything, then offers each key once', async () => {
    const { authentication } = login({ keys: ['a', 'b'] });
    expect(methodOf(await authentication.next(null, false))).toBe('none');
    expect(methodOf(await authentication.next(['publickey'], false))).toBe('key');
    expect(methodOf(await authentication.next(['publickey'], false))).toBe('key');
    expect(await authentication.next(['publickey'], false)).toBeNull();
    expect(authentication.again).toBe(false);
    expect(authentication.failure()).toMatchObject({ code: 'authentication-failed' });
    expect(authentication.failure().message).toBe(
      'root@dut:22 refused the login. Tried: publickey, with 2 keys (a, b). It takes: publickey. Not used: k: broken.',
    );
  });

  it('goes on over another connection after five keys, and before asking after four', async () => {
    const { authentication } = login({ keys: ['1', '2', '3', '4', '5', '6', '7', '8', '9'], answers: ['x'] });
    for (let index = 0; index < 5; index++)
      expect(methodOf(await authentication.next(['publickey', 'password'], false))).toBe('key');
    expect(await authentication.next(['publickey', 'password'], false)).toBeNull();
    expect(authentication.again).toBe(true);
    authentication.connectionStarted();
    for (let index = 0; index < 4; index++)
      expect(methodOf(await authentication.next(['publickey', 'password'], false))).toBe('key');
    expect(await authentication.next(['publickey', 'password'], false)).toBeNull();
    expect(authentication.again).toBe(true);
    authentication.connectionStarted();
    expect(methodOf(await authentication.next(['publickey', 'password'], false))).toBe('password');
  });

  it('does not lose a first factor: no new connection after a partial success', async () => {
    const { authentication } = login({ keys: ['1', '2', '3', '4', '5'], answers: ['x'] });
    for (let index = 0; index < 5; index++) await authentication.next(['publickey'], false);
    expect(methodOf(await authentication.next(['password'], true))).toBe('password');
  });

  it('tries the password at hand, by either method, before asking', async () => {
    const direct = login({ password: 'known' });
    expect(await direct.authentication.next(['password', 'keyboard-interactive'], false)).toEqual({
      method: 'password',
      password: 'known',
    });
    expect(direct.authentication.acceptedPassword).toBe('known');
    const challenged = login({ password: 'known' });
    expect(await respond(await challenged.authentication.next(['keyboard-interactive'], false))).toEqual(['known']);
    expect(direct.asked.length + challenged.asked.length).toBe(0);
  });

  it('never gives the password at hand to a question that shows it', async () => {
    const { authentication, asked } = login({ password: 'known', answers: ['123456'] });
    const step = await authentication.next(['keyboard-interactive'], false);
    expect(
      await respond(step, { name: 'OTP', instructions: 'Code please', questions: [{ text: 'Code', echo: true }] }),
    ).toEqual(['123456']);
    expect(asked[0]).toEqual({
      title: 'root@dut:22',
      instructions: 'OTP\nCode please',
      questions: [{ text: 'Code', echo: true }],
    });
    expect(authentication.acceptedPassword).toBeNull();
  });

  it('asks three times by challenge', async () => {
    const { authentication, asked } = login({ answers: ['a', 'b', 'c', 'd'] });
    const left = ['keyboard-interactive', 'password'];
    for (let index = 0; index < 3; index++) await respond(await authentication.next(left, false));
    expect(await authentication.next(left, false)).toBeNull();
    expect(asked).toHaveLength(3);
  });

  it('asks for a password when the server challenges but asks nothing', async () => {
    const { authentication } = login({ answers: ['a'] });
    const left = ['keyboard-interactive', 'password'];
    expect(methodOf(await authentication.next(left, false))).toBe('questions');
    expect(await authentication.next(left, false)).toEqual({ method: 'password', password: 'a' });
  });

  it('ends with the first question that is cancelled', async () => {
    for (const left of [['password'], ['keyboard-interactive']]) {
      const { authentication, asked } = login({ keys: ['a'] });
      const step = await authentication.next(left, false);
      if (step) expect(await respond(step)).toEqual([]);
      expect(await authentication.next(left, false)).toBeNull();
      expect(asked).toHaveLength(1);
      expect(authentication.again).toBe(false);
      expect(authentication.failure()).toMatchObject({ code: 'prompt-cancelled' });
    }
  });

  it('asks nothing when the server takes no answer', async () => {
    const { authentication, asked } = login({});
    expect(await authentication.next(['publickey', 'hostbased'], false)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('signs with SHA-1 only where that was allowed', async () => {
    const sign = vi.fn(() => Promise.resolve(Buffer.from('signed')));
    const keysOf = (type: string) => [
      { name: 'rsa', signer: () => Promise.resolve({ publicKey: { type }, sign } as unknown as Signer) },
    ];
    const signWith = async (oldAlgorithms: boolean, hash: 'sha1' | 'sha256' | undefined, type = 'ssh-rsa') => {
      const { authentication } = login({ keys: keysOf(type), oldAlgorithms });
      const step = await authentication.next(['publickey'], false);
      if (step?.method !== 'key') throw new Error('No key was offered.');
      const signed = await step.signer.sign(Buffer.alloc(1), hash).then(
        () => true,
        () => false,
      );
      await authentication.next(['publickey'], false);
      return { signed, code: authentication.failure().code };
    };
    expect(await signWith(false, 'sha256')).toEqual({ signed: true, code: 'authentication-failed' });
    expect(await signWith(true, 'sha1')).toEqual({ signed: true, code: 'authentication-failed' });
    expect(await signWith(true, undefined, 'ssh-dss')).toEqual({ signed: true, code: 'authentication-failed' });
    expect(await signWith(false, undefined, 'ssh-ed25519')).toEqual({ signed: true, code: 'authentication-failed' });
    sign.mockClear();
    expect(await signWith(false, 'sha1')).toEqual({ signed: false, code: 'no-common-algorithm' });
    expect(await signWith(false, undefined, 'ssh-dss')).toEqual({ signed: false, code: 'no-common-algorithm' });
    expect(sign).not.toHaveBeenCalled();
  });
});
