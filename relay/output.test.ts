import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAMES_HIGH, FRAME_MAX, HIGH_WATER } from '#lib/protocol/limits.ts';
import { STREAMS, type FromRelay, type Stream } from '#lib/protocol/messages.ts';
import { Output, type Wire } from './output.ts';

/** A page that keeps its output over all of its sockets, and the wire to it. */
class Page {
  readonly text: Record<Stream, string> = { stdout: '', stderr: '' };
  received = 0;
  gaps = 0;
  frames = 0;
  #stream: Stream = 'stdout';

  attach(output: Output): { sent: number; live: number; end: number } {
    const wire: Wire = {
      send: (message: FromRelay) => {
        if (message.type === 'data') this.#stream = message.stream;
      },
      sendBytes: (bytes) => {
        // The last wire's: a page reads one at a time.
        if (wire !== this.wire) return;
        expect(bytes.length).toBeLessThanOrEqual(FRAME_MAX);
        this.frames++;
        this.received += bytes.length;
        this.text[this.#stream] += Buffer.from(bytes).toString('latin1');
      },
      together: (send) => send(),
      close: () => undefined,
    };
    this.wire = wire;
    let told = { sent: 0, live: 0, end: 0 };
    output.attach(wire, this.received, (offsets) => {
      told = offsets;
      this.gaps += offsets.sent - this.received;
      this.#stream = 'stdout';
    });
    return told;
  }

  wire: Wire | undefined;
}

/** A command that prints, and stops when it is told to. */
class Source {
  readonly printed: Record<Stream, string> = { stdout: '', stderr: '' };
  paused = false;
  readonly output = new Output(null, (paused) => (this.paused = paused));
  #next = 0;

  print(stream: Stream, length: number): boolean {
    if (this.paused) return false;
    const bytes = new Uint8Array(length).map(() => this.#next++ & 255);
    this.printed[stream] += Buffer.from(bytes).toString('latin1');
    this.output.push(stream, bytes);
    return true;
  }
}

describe('output on its way to a page', () => {
  it('is never lost while it is not acknowledged, however small its pieces and however late the turn ends', () => {
    for (const length of [1, 11, 300, 5000, 32 * 1024]) {
      const source = new Source();
      const page = new Page();
      page.attach(source.output);
      let pieces = 0;
      // All in one turn of the event loop, the streams taking turns.
      while (source.print(STREAMS[pieces % 2] ?? 'stdout', length)) pieces++;
      source.output.flush();
      expect(page.frames).toBeLessThanOrEqual(FRAMES_HIGH + 1);
      expect(page.received).toBeLessThanOrEqual(HIGH_WATER + 32 * 1024);
      // Its socket broke before anything came.
      const again = new Page();
      expect(again.attach(source.output)).toMatchObject({ sent: 0, live: page.received, end: page.received });
      expect(again.text).toEqual(source.printed);
    }
  });

  it('reaches its page once and in order over any number of sockets', () => {
    const event = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ print: fc.constantFrom(...STREAMS), length: fc.integer({ min: 1, max: 32768 }) }),
      },
      {
        weight: 4,
        arbitrary: fc.record({ print: fc.constantFrom(...STREAMS), length: fc.integer({ min: 1, max: 20 }) }),
      },
      { weight: 3, arbitrary: fc.constant({ flush: true }) },
      { weight: 2, arbitrary: fc.record({ acknowledge: fc.double({ min: 0, max: 1, noNaN: true }) }) },
      { weight: 1, arbitrary: fc.constant({ detach: true }) },
      { weight: 1, arbitrary: fc.constant({ attach: true }) },
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 150 }), (events) => {
        const source = new Source();
        const page = new Page();
        page.attach(source.output);
        let acknowledged = 0;
        for (const one of events) {
          if ('print' in one) source.print(one.print, one.length);
          else if ('flush' in one) source.output.flush();
          else if ('detach' in one) source.output.detach();
          else if ('attach' in one) page.attach(source.output);
          else {
            acknowledged += Math.floor((page.received - acknowledged) * one.acknowledge);
            source.output.acknowledge(acknowledged);
          }
        }
        source.output.flush();
        page.attach(source.output);
        expect(page.gaps).toBe(0);
        expect(page.text).toEqual(source.printed);
        // Nothing is stuck: once all is acknowledged, the command may print.
        source.output.acknowledge(page.received);
        expect(source.paused).toBe(false);
      }),
    );
  });
});
