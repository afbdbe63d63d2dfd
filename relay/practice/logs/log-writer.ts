import type { LogBook, LogSubject } from './log-book.ts';
import { chromeTemplates, guestTemplates, journalTemplates, messageTemplates } from './log-lines.ts';

/** Lines of history that a fresh device has: a few hundred, over about this long. */
const HISTORY_LINES = 420;
const HISTORY_MS = 40 * 60 * 1000;

/** Lets the logs grow by themselves. */
export class LogWriter {
  readonly #subject: LogSubject;
  readonly #logs: LogBook;
  readonly #meanGapMs: number;
  readonly #written = new Set<object>();
  #timer: NodeJS.Timeout | null = null;

  constructor(subject: LogSubject, logs: LogBook, meanGapMs: number) {
    this.#subject = subject;
    this.#logs = logs;
    this.#meanGapMs = meanGapMs;
  }

  start(): void {
    if (this.#timer) return;
    // Gaps as they fall between unrelated events: exponential, at most ten times the mean.
    const gap = Math.min(0x7fffffff, Math.min(10, -Math.log(1 - this.#subject.random())) * this.#meanGapMs);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.writeOne();
      this.start();
    }, gap);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** Lines with past times, as a device has them that has been up for a while. */
  writeHistory(): void {
    const end = this.#subject.now().getTime();
    for (let line = 0; line < HISTORY_LINES; line++) {
      const at = new Date(end - HISTORY_MS + Math.floor((line / HISTORY_LINES) * HISTORY_MS));
      this.#logs.writeAt(at, () => this.writeOne());
    }
  }

  /** One line, somewhere. */
  writeOne(): void {
    const [vm] = this.#subject.runningVms;
    const container = vm ? [...vm.containers.values()].some((one) => one.running) : false;
    const where = this.#subject.random();
    if (vm && where < 0.2) {
      const { priority, text } = this.#choose(guestTemplates);
      this.#logs.guest(vm, priority, this.#fill(text, this.#logs.guestUptime(vm)));
    } else if (container && where < 0.35) {
      const { weight: _weight, ...template } = this.#choose(journalTemplates);
      this.#logs.journal.append({ ...template, text: this.#fill(template.text, '') });
    } else if (where > 0.95) {
      const { severity, text } = this.#choose(chromeTemplates);
      this.#logs.chrome(severity, this.#fill(text, ''));
    } else {
      const services = this.#subject.upstart.isRunning('vm_concierge');
      const possible = messageTemplates.filter(({ needs }) => !needs || (needs === 'vm' ? vm && services : services));
      const { severity, tag, text } = this.#choose(possible);
      this.#logs.message(severity, this.#fill(tag, ''), this.#fill(text, this.#logs.hostUptime()));
    }
  }

  /** By weight; each once before any twice, so that every device shows all that there is. */
  #choose<Template extends { readonly weight: number }>(templates: readonly Template[]): Template {
    const unwritten = templates.filter((template) => !this.#written.has(template));
    const possible = unwritten.length > 0 ? unwritten : templates;
    const total = possible.reduce((sum, { weight }) => sum + weight, 0);
    let left = this.#subject.random() * total;
    for (const template of possible) {
      left -= template.weight;
      if (left >= 0) continue;
      this.#written.add(template);
      return template;
    }
    const [first] = templates;
    if (!first) throw new Error('no log template fits');
    return first;
  }

  #fill(text: string, uptime: string): string {
    const [vm] = this.#subject.runningVms;
    const number = (limit: number) => String(1 + Math.floor(this.#subject.random() * limit));
    return text.replace(/\{([a-z_.]+)\}/g, (whole, name: string) => {
      if (name.startsWith('pid.')) {
        const job = name.slice(4);
        return String(this.#subject.upstart.pid(job === 'session_manager' ? 'ui' : job));
      }
      switch (name) {
        case 'cid':
          return String(vm?.cid ?? 0);
        case 'vmpid':
          return String(vm?.pid ?? 0);
        case 'hash':
          return this.#subject.identity.userHash;
        case 'uptime':
          return uptime;
        case 'n':
          return number(240);
        case 'big':
          return String(100_000 + Number(number(9_000_000)));
        case 'port':
          return String(1024 + Number(number(60_000)));
        case 'slashdate':
          return this.#logs.slashDate();
        case 'isodate':
          return this.#logs.clock.toISOString().slice(0, 19) + 'Z';
        default:
          return whole;
      }
    });
  }
}
