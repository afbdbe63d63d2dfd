import { FORWARDS_MAX } from '#lib/protocol/limits.ts';
import { type ForwardMessage, type OpenMessage, parseFromPage } from '#lib/protocol/messages.ts';
import type { Problem } from '#lib/protocol/problem.ts';
import type { Audit, AuditEvent } from './audit.ts';
import { type Budgets, waitInWords } from './budget.ts';
import { Channel } from './channel.ts';
import { ForwardShare } from './forward.ts';
import type { Wire } from './output.ts';
import type { Transport, TransportTarget } from './transport.ts';

export interface ChannelsOptions {
  readonly transport: Transport;
  readonly audit: Audit;
  /** How many there may be, attached and waiting. */
  readonly max: number;
  /** How many of them one principal may have. */
  readonly maxPerPrincipal: number;
  /** Connections through all forwards, and through those of one principal. */
  readonly forwardConnections: number;
  readonly forwardConnectionsPerPrincipal: number;
  /** How often one principal may open one. */
  readonly opens: Budgets;
  readonly findTarget: (id: string) => TransportTarget | undefined;
  /** Whether it opens port forwards: a relay that many share must not open ports of its machine to its users. */
  readonly forwards: boolean;
  /** A bug of ours surfaced; the channel has ended with `internal`. */
  readonly onError: (error: unknown) => void;
  /** How long a channel waits for a page that is gone, in ms, up to 24 h. Default GRACE_MS. */
  readonly graceMs?: number;
}

/** Every channel of the relay, by its secret id; at most `max`. Owns them: `close` ends all. */
export class Channels {
  readonly #options: ChannelsOptions;
  readonly #channels = new Map<string, Channel>();
  /** By principal: of those who have channels. */
  readonly #shares = new Map<string, ForwardShare>();
  readonly #everybody: ForwardShare;
  #opened = 0;
  #resumed = 0;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    this.#everybody = new ForwardShare(options.forwardConnections);
  }

  get size(): number {
    return this.#channels.size;
  }

  /** Opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  /** How often a page came back to one. */
  get resumed(): number {
    return this.#resumed;
  }

  /** Bytes of all channels that their receivers have not dealt with yet. */
  unacknowledged(): { readonly output: number; readonly input: number } {
    let [output, input] = [0, 0];
    for (const { unacknowledged } of this.#channels.values()) {
      output += unacknowledged.output;
      input += unacknowledged.input;
    }
    return { output, input };
  }

  /** A page's first message: opens or resumes a channel, or closes the wire with a problem. */
  attach(wire: Wire, principal: string, text: string): Channel | undefined {
    const message = parseFromPage(text);
    const { audit, max, maxPerPrincipal } = this.#options;
    if (message?.type === 'open' || message?.type === 'forward') {
      if (this.#channels.size >= max)
        return refuse(wire, {
          code: 'too-many-channels',
          message: `The relay runs ${max} sessions, its limit.`,
        });
      if (this.#all((channel) => channel.principal === principal).length >= maxPerPrincipal)
        return refuse(wire, {
          code: 'too-many-channels',
          message: `You have ${maxPerPrincipal} sessions, the limit for one sign-in; the relay keeps the rest of its ${max} for others.`,
        });
      if (message.type === 'forward' && !this.#options.forwards)
        return refuse(wire, {
          code: 'forward-prohibited',
          message: 'This relay is shared: it opens no ports of its machine.',
        });
      if (message.type === 'forward' && this.#all((channel) => channel.forwards({ principal })).length >= FORWARDS_MAX)
        return refuse(wire, {
          code: 'too-many-channels',
          message: `You have ${FORWARDS_MAX} port forwards, the limit.`,
        });
      const target = this.#options.findTarget(message.target);
      if (!target)
        return refuse(wire, { code: 'target-unknown', message: `The relay knows no device "${message.target}".` });
      const opens = this.#options.opens.of(principal);
      if (!opens.take())
        return refuse(wire, {
          code: 'too-often',
          message: `This sign-in has opened as many sessions as the relay allows. It opens the next one ${waitInWords(opens.wait())}.`,
        });
      const number = ++this.#opened;
      audit.record({
        event: 'open',
        principal,
        channel: number,
        target: target.id,
        address: target.address,
        ...whatOf(message),
      });
      const channel = new Channel({
        ...this.#options,
        number,
        target,
        principal,
        request: message,
        share: this.#shareOf(principal),
        onEnded: (ending) => audit.record({ event: 'end', channel: number, ...ending }),
        onDone: (done) => {
          this.#channels.delete(done.id);
          audit.forget(number);
        },
      });
      this.#channels.set(channel.id, channel);
      channel.open(wire).catch((error: unknown) => {
        this.#options.onError(error);
        channel.endWith({ code: 'internal', message: 'The relay could not start the command.' });
      });
      return channel;
    }
    if (message?.type === 'resume') {
      const channel = this.#channels.get(message.channel);
      // One answer for a wrong id and for another person's channel: an id must not be testable.
      if (!channel || channel.principal !== principal)
        return refuse(wire, { code: 'channel-unknown', message: 'This session does not exist any more.' });
      if (channel.resume(wire, message.received)) {
        this.#resumed++;
        audit.record({ event: 'resume', principal, channel: channel.number });
        return channel;
      }
      return refuse(wire, { code: 'malformed-message', message: 'The page claims output that was never sent.' });
    }
    return refuse(wire, {
      code: 'malformed-message',
      message: 'The first message must be "open", "forward" or "resume".',
    });
  }

  /** A target was removed: nobody would know any more where its forwards lead, so their ports close. */
  endForwardsTo(target: string): void {
    for (const channel of this.#all((other) => other.forwards({ target })))
      channel.endWith({ code: 'target-unknown', message: 'The device was removed, and its port forwards with it.' });
  }

  /** A principal is not signed in any more: its commands and port forwards end, and its pages are told why. */
  endThoseOf(principal: string, problem: Problem): void {
    for (const channel of this.#all((other) => other.principal === principal)) channel.endWith(problem);
  }

  /** Tells every page that the relay stops and ends every command. */
  close(): void {
    for (const channel of [...this.#channels.values()])
      channel.endWith({ code: 'relay-stopping', message: 'The relay was stopped, and this session with it.' });
  }

  #shareOf(principal: string): ForwardShare {
    for (const [name, share] of this.#shares)
      if (share.isEmpty && this.#all((channel) => channel.forwards({ principal: name })).length === 0)
        this.#shares.delete(name);
    const share =
      this.#shares.get(principal) ?? new ForwardShare(this.#options.forwardConnectionsPerPrincipal, this.#everybody);
    this.#shares.set(principal, share);
    return share;
  }

  #all(of: (channel: Channel) => boolean): Channel[] {
    return [...this.#channels.values()].filter(of);
  }
}

/** What the audit log says of a first message. */
function whatOf(message: OpenMessage | ForwardMessage): Pick<AuditEvent & { event: 'open' }, 'what' | 'to'> {
  if (message.type === 'forward') return { what: 'forward', to: `${message.host}:${message.port}` };
  return { what: message.command === null ? 'shell' : message.pty ? 'terminal' : 'command' };
}

/** Closes a wire that has no channel. */
export function refuse(wire: Wire, problem: Problem): undefined {
  wire.send({ type: 'close', problem });
  wire.close();
}
