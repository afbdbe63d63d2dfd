import { type ForwardRequest, NullPage, type OpenRequest } from '../relay/null-page.ts';
import { type Endpoint, NullSocket } from '../relay/null-socket.ts';
import { PTY } from '../relay/server.ts';
import { signIn } from '../relay/sign-in.ts';

/** Somebody who has signed in, and is nobody's friend. */
export class Person {
  readonly endpoint: Endpoint;

  private constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  static async signIn(link: URL): Promise<Person> {
    return new Person(await signIn(link));
  }

  /** What a page asks for over HTTP. @param path with its first slash */
  fetch(path: string, method = 'GET', body?: object): Promise<Response> {
    const { headers, port } = this.endpoint;
    return fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
  }

  /** Adds a device that the relay knows the key of, or with `fingerprint` trusts it. @returns its id */
  async addDevice(address: string, fingerprint?: string): Promise<string> {
    const response = await this.fetch('/targets', 'POST', { address });
    if (!response.ok) throw new Error(`${address} was not added: ${await response.text()}`);
    const { id } = (await response.json()) as { readonly id: string };
    if (fingerprint === undefined) return id;
    // The relay trusts a key only after the device has offered it.
    const first = await this.open(id, 'true').catch((error: unknown) => String(error));
    if (typeof first !== 'string') first.close();
    await this.fetch(`/targets/${id}/host-key`, 'PUT', { fingerprint });
    return id;
  }

  /** Runs a command. @param pty null: without a terminal */
  open(target: string, command: string | null, pty: OpenRequest['pty'] = null): Promise<NullPage> {
    return NullPage.open(this.endpoint, { target, command, pty });
  }

  /** Runs a command in a terminal; null is the login shell. */
  openTerminal(target: string, command: string | null): Promise<NullPage> {
    return this.open(target, command, PTY);
  }

  forward(request: ForwardRequest): Promise<NullPage> {
    return NullPage.forward(this.endpoint, request);
  }

  /** A WebSocket on which nothing was said yet. */
  openSocket(): Promise<NullSocket> {
    return NullSocket.open(this.endpoint);
  }
}
