import type { Endpoint } from './null-socket.ts';

/** A link in what the relay prints. */
export const LINK = /http:\/\/\S+#token=\S+/;

/** Signs in with a link that the relay printed, as its page does. @returns how that page's channels reach the relay */
export async function signIn(link: URL): Promise<Endpoint> {
  const { origin, port, hash } = link;
  const response = await fetch(`${origin}/session`, {
    method: 'POST',
    headers: { origin },
    body: JSON.stringify({ token: hash.replace('#token=', '') }),
  });
  if (!response.ok) throw new Error(`the relay answered ${response.status} to a sign-in`);
  // Relays of before had no key: a benchmark compares them.
  const { key = '' } = (await response.json()) as { readonly key?: string };
  const cookie = (response.headers.get('set-cookie') ?? '').replace(/;.*/, '');
  return { host: '127.0.0.1', port: Number(port), path: '/channel', headers: { cookie, 'workbench-key': key, origin } };
}
