import * as v from 'valibot';
import {
  type Session,
  type Target,
  type TargetList,
  refusalSchema,
  sessionSchema,
  signedInSchema,
  signedOutSchema,
  targetSchema,
  targetsSchema,
} from '#lib/protocol/http.ts';
import { KEY_HEADER } from '#lib/protocol/key.ts';
import type { Problem, ProblemCode } from '#lib/protocol/problem.ts';
import { loadKey, saveKey } from './key.ts';

/** A value from the relay, or why there is none. */
export type Answer<T> = { readonly value: T } | { readonly problem: Problem };

const UNREACHABLE: Problem = { code: 'relay-unreachable', message: 'No relay answers at the address of this page.' };
/** What a refusal's status means. */
const CODES: Readonly<Record<number, ProblemCode>> = {
  400: 'address-invalid',
  401: 'signed-out',
  404: 'target-unknown',
  405: 'targets-fixed',
  409: 'host-key-changed',
  429: 'too-often',
  507: 'not-saved',
};

const nothing = v.looseObject({});

/** Exchanges a link's token for the session's cookie and key. The token works once. */
export async function signIn(token: string): Promise<Answer<unknown>> {
  const answer = await ask('POST', '/session', signedInSchema, { token });
  if ('value' in answer) saveKey(answer.value.key);
  return answer;
}

/** What this page may know of the other sign-ins. */
export async function getSession(): Promise<Answer<Session>> {
  return ask('GET', '/session', sessionSchema);
}

/** Ends this browser's sign-in; or, with `others`, all that the same person has elsewhere. Gives how many ended. */
export async function signOut(others: boolean): Promise<Answer<{ readonly count: number }>> {
  const answer = await ask('DELETE', others ? '/session/others' : '/session', signedOutSchema);
  if (!others && 'value' in answer) saveKey('');
  return answer;
}

export async function listTargets(): Promise<Answer<TargetList>> {
  return ask('GET', '/targets', targetsSchema);
}

export async function addTarget(address: string, oldAlgorithms: boolean): Promise<Answer<Target>> {
  return ask('POST', '/targets', targetSchema, { address, oldAlgorithms });
}

/** Says whether SHA-1 and CBC will do for a device that was added. */
export async function allowOldAlgorithms(id: string, allowed: boolean): Promise<Answer<unknown>> {
  return ask('PUT', `/targets/${id}/old-algorithms`, nothing, { allowed });
}

export async function removeTarget(id: string): Promise<Answer<unknown>> {
  return ask('DELETE', `/targets/${id}`, nothing);
}

/** Trusts the host key with this fingerprint, the one that the target offered last. */
export async function trustHostKey(id: string, fingerprint: string): Promise<Answer<unknown>> {
  return ask('PUT', `/targets/${id}/host-key`, nothing, { fingerprint });
}

/** Why a channel could not be opened: asks the relay something harmless and sees what it says. */
export async function explainFailure(): Promise<Problem> {
  const answer = await listTargets();
  return 'problem' in answer
    ? answer.problem
    : { code: 'relay-unreachable', message: 'The relay answers, but it closed the connection.' };
}

async function ask<Schema extends v.GenericSchema>(
  method: string,
  path: string,
  schema: Schema,
  body?: object,
): Promise<Answer<v.InferOutput<Schema>>> {
  let response: Response;
  let json: unknown;
  try {
    response = await fetch(path, {
      method,
      headers: { [KEY_HEADER]: loadKey(), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    json = await response.json();
  } catch {
    // No connection, or a static host without a relay, which answers with a page.
    return { problem: UNREACHABLE };
  }
  if (!response.ok) {
    const refusal = v.safeParse(refusalSchema, json);
    if (!refusal.success) return { problem: UNREACHABLE };
    return { problem: { code: CODES[response.status] ?? 'internal', message: refusal.output.problem } };
  }
  const parsed = v.safeParse(schema, json);
  return parsed.success ? { value: parsed.output } : { problem: UNREACHABLE };
}
