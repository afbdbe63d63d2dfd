import { encodeVmName, type VirtualMachine } from '../machine/virtual-machine.ts';
import { formatGuestLine, formatMessage, formatUptime, scrubControls } from './log-format.ts';
import { RotatedLog } from './log-file.ts';
import { Journal } from './journal.ts';
import { guestBootLines, type ChromeTemplate, type Severity } from './log-lines.ts';

/** What the logs need to know of the machine. */
export interface LogSubject {
  readonly now: () => Date;
  readonly random: () => number;
  readonly bootedAt: Date;
  readonly identity: { readonly userHash: string; readonly guestKernel: string };
  readonly upstart: { pid(job: string): number; isRunning(job: string): boolean };
  readonly runningVms: readonly VirtualMachine[];
}

/** A record at 1024 bytes is cut (chromeos-facts 3.2). */
const GUEST_RECORD_LIMIT = 1024;

/** Every log of the device, by what is written to it. */
export class LogBook {
  readonly messages: RotatedLog;
  readonly upstartLog: RotatedLog;
  readonly netLog: RotatedLog;
  readonly chromeLog: RotatedLog;
  readonly uiLog: RotatedLog;
  readonly vmLog: RotatedLog;
  readonly journal: Journal;
  readonly #subject: LogSubject;
  /** Set while history is written, so that lines carry past times. */
  #at: Date | null = null;
  #lastMillisecond = 0;
  #lastMicros = 0;

  constructor(subject: LogSubject) {
    const now = () => this.#at ?? subject.now();
    this.#subject = subject;
    this.messages = new RotatedLog('/var/log/messages', 7, now);
    this.upstartLog = new RotatedLog('/var/log/upstart.log', 7, now);
    this.netLog = new RotatedLog('/var/log/net.log', 7, now);
    this.chromeLog = new RotatedLog('/var/log/chrome/chrome', 1, now);
    this.uiLog = new RotatedLog('/var/log/ui/ui.LATEST', 1, now);
    const folder = `/run/daemon-store/crosvm/${subject.identity.userHash}/log`;
    this.vmLog = new RotatedLog(`${folder}/${encodeVmName('termina')}.log`, 5, now);
    this.journal = new Journal(now);
  }

  get all(): readonly RotatedLog[] {
    return [this.messages, this.upstartLog, this.netLog, this.chromeLog, this.uiLog, this.vmLog];
  }

  /** Writes with the clock at `at`. */
  writeAt(at: Date, write: () => void): void {
    this.#at = at;
    try {
      write();
    } finally {
      this.#at = null;
    }
  }

  get clock(): Date {
    return this.#at ?? this.#subject.now();
  }

  message(severity: Severity, tag: string, text: string): void {
    this.messages.append(formatMessage(this.clock, this.#micros(), severity, tag, text));
  }

  /** A line of an upstart job, under the name and pid of its process. */
  service(severity: Severity, job: string, text: string): void {
    const pid = this.#subject.upstart.pid(job === 'session_manager' ? 'ui' : job);
    this.message(severity, pid > 0 ? `${job}[${String(pid)}]` : job, text);
  }

  kernel(severity: Severity, text: string): void {
    this.message(severity, 'kernel', `${this.hostUptime()} ${text}`);
  }

  /** A job's change: upstart.log has all of them; messages gets a line too, as people look there first (inferred). */
  upstart(text: string): void {
    const line = formatMessage(this.clock, this.#micros(), 'NOTICE', 'kernel', `${this.hostUptime()} ${text}`);
    this.upstartLog.append(line);
    this.messages.append(line);
  }

  guest(vm: VirtualMachine, priority: number, text: string): void {
    const record = scrubControls(text).slice(0, GUEST_RECORD_LIMIT);
    this.vmLog.append(formatGuestLine(this.clock, priority, vm.cid, record));
  }

  hostUptime(): string {
    return formatUptime(Math.max(0, (this.clock.getTime() - this.#subject.bootedAt.getTime()) / 1000));
  }

  guestUptime(vm: VirtualMachine): string {
    return formatUptime(Math.max(0, (this.clock.getTime() - vm.startedAt.getTime()) / 1000));
  }

  slashDate(): string {
    return this.clock.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  }

  writeGuestBoot(vm: VirtualMachine): void {
    for (const line of guestBootLines) {
      const text = line.text.replace('{guestkernel}', this.#subject.identity.guestKernel);
      this.guest(vm, 13, `${formatUptime(line.at)} ${text}`);
    }
    this.guest(vm, 13, `${this.slashDate()} tremplin ready, listening on vsock port 8890`);
  }

  writeBoot(): void {
    this.kernel('NOTICE', 'Linux version 6.6.99 (chronos@localhost) #1 SMP PREEMPT_DYNAMIC');
    this.kernel('INFO', 'random: crng init done');
    this.message('INFO', 'rsyslogd', '[origin software="rsyslogd" swVersion="8.2404.0" x-pid="921"] start');
    this.service('INFO', 'session_manager', '[session_manager_main.cc:273] Starting session manager');
    this.ui('INFO', '[browser_job.cc:192] Running child /opt/google/chrome/chrome --login-manager');
    this.chrome('WARNING', '[chrome_browser_main_extra_parts_ash.cc(412)] Login screen shown');
    this.service('INFO', 'vm_concierge', '[service.cc:914] VM concierge is up');
  }

  clear(): void {
    for (const log of this.all) log.clear();
    this.journal.clear();
  }

  rotate(): void {
    for (const log of [this.messages, this.upstartLog, this.netLog, this.vmLog]) log.rotate();
  }

  /** Chrome's own log: like syslog's lines, with a thread behind the pid (chromium's base/logging). */
  chrome(severity: ChromeTemplate['severity'], text: string): void {
    this.chromeLog.append(formatMessage(this.clock, this.#micros(), severity, 'chrome[1633:1633]', text));
  }

  /** What session_manager and Chrome print before their logs are open. */
  ui(severity: Severity, text: string): void {
    const tag = `session_manager[${String(this.#subject.upstart.pid('ui'))}]`;
    this.uiLog.append(formatMessage(this.clock, this.#micros(), severity, tag, text));
  }

  /** Below the millisecond, and never going back within one. */
  #micros(): number {
    const millisecond = this.clock.getTime();
    const free = millisecond === this.#lastMillisecond ? this.#lastMicros + 1 : 0;
    this.#lastMillisecond = millisecond;
    this.#lastMicros = Math.min(999, free + Math.floor(this.#subject.random() * Math.max(1, 1000 - free) * 0.2));
    return this.#lastMicros;
  }
}
