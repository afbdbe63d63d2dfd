import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { problemSchema } from '#lib/protocol/problem.ts';
import { endpointName, forwardProblem, handshakeProblem, plainText, problemOf, socketProblem } from './problems.ts';

const systemError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('problems', () => {
  it.each([
    ['ENOTFOUND', 'name-not-found'],
    ['EAI_AGAIN', 'name-not-found'],
    ['ECONNREFUSED', 'connection-refused'],
    ['ETIMEDOUT', 'connection-timeout'],
    ['EHOSTUNREACH', 'host-unreachable'],
    ['ENETUNREACH', 'host-unreachable'],
    ['ECONNRESET', 'not-ssh'],
    ['EWHATEVER', 'host-unreachable'],
  ])('of a socket: %s is %s', (code, problem) => {
    expect(socketProblem(systemError(code), 'root@dut:22')).toMatchObject({ code: problem });
    expect(socketProblem(systemError(code), 'root@dut:22').message).toContain('root@dut:22');
  });

  it('of several addresses that all failed', () => {
    expect(socketProblem(new AggregateError([systemError('ECONNREFUSED')]), 'x').code).toBe('connection-refused');
  });

  it.each([
    ['Connection refused', 'connection-refused'],
    ['Connection timed out', 'connection-timeout'],
    ['Name or service not known', 'name-not-found'],
    ['open failed', 'host-unreachable'],
  ])('of a jump host: %s is %s', (text, code) => {
    const problem = forwardProblem(new Error(`(SSH) Channel open failure: ${text}`), 'root@dut:22', 'me@bastion:22');
    expect(problem).toMatchObject({ code });
    expect(problem.message).toBe(`root@dut:22: the jump host me@bastion:22 could not connect (${text}).`);
  });

  it('of a handshake', () => {
    const none = new Error('Handshake failed: no matching key exchange algorithm');
    expect(handshakeProblem(none, 'x', true, false)).toEqual({
      code: 'no-common-algorithm',
      message: 'x: an SSH server, but no key exchange algorithm in common.',
    });
    expect(handshakeProblem(none, 'x', true, true).message).toContain('although SHA-1 and CBC are allowed');
    expect(handshakeProblem(null, 'x', true, false).code).toBe('connection-lost');
    const early = new Error('Connection lost before handshake');
    expect(handshakeProblem(early, 'x', false, false).code).toBe('not-ssh');
  });

  it('always fit the wire, whatever a device says', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000, unit: 'binary' }), (text) => {
        const problem = problemOf('exec-refused', text);
        expect(v.is(problemSchema, problem)).toBe(true);
        // eslint-disable-next-line no-control-regex -- the point of the test
        expect(problem.message).not.toMatch(/[\u0000-\u0008\u001b\u007f-\u009f]/);
      }),
    );
    // A password prompt that would read as another host's.
    expect(plainText('Password for \u202emoc.live\u202c@\u2066dut\u2069:', 100)).toBe('Password for moc.live@dut:');
  });

  it('name IPv6 endpoints with brackets', () => {
    expect(endpointName({ user: 'root', host: '::1', port: 22 })).toBe('root@[::1]:22');
  });
});
