import type { Machine } from './machine.ts';

/** A line of `ps`. */
export interface ProcessEntry {
  readonly pid: number;
  readonly ppid: number;
  readonly user: string;
  readonly command: string;
  /** Its pid namespace, where that is not the one of the world it is listed in: a container's, seen from the VM. */
  readonly pidNamespace?: number;
}

/** Pids given out after boot start here, above those of the jobs. */
const FIRST_PID = 9120;
/** As /proc/sys/kernel/pid_max of a small device; then counting begins anew. */
const PID_MAX = 32_768;

/** The pids of the device, and what `ps` shows there. */
export class ProcessTable {
  readonly #machine: Machine;
  readonly #commands = new Map<number, ProcessEntry>();
  #next = FIRST_PID;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  nextPid(): number {
    const pid = this.#next;
    this.#next = this.#next >= PID_MAX ? FIRST_PID : this.#next + 1;
    return pid;
  }

  /** Shows a process until `remove`: the shells and background jobs of people. */
  add(entry: ProcessEntry): void {
    this.#commands.set(entry.pid, entry);
  }

  remove(pid: number): void {
    this.#commands.delete(pid);
  }

  reset(): void {
    this.#commands.clear();
    this.#next = FIRST_PID;
  }

  list(): readonly ProcessEntry[] {
    const { upstart, identity } = this.#machine;
    const fixed: ProcessEntry[] = [
      { pid: 1, ppid: 0, user: 'root', command: '/sbin/init' },
      { pid: 2, ppid: 0, user: 'root', command: '[kthreadd]' },
      { pid: 17, ppid: 2, user: 'root', command: '[kworker/0:1-events]' },
      { pid: 412, ppid: 1, user: 'root', command: '/sbin/udevd --daemon' },
    ];
    const jobs = upstart.all
      .filter((state) => state.pid !== null)
      .map((state): ProcessEntry => ({
        pid: state.pid ?? 0,
        ppid: 1,
        user: userOf(state.job.name),
        command: commandOf(state.job.name),
      }));
    // Each VM is a crosvm, and has a file server of its own from seneschal.
    const vms = this.#machine.runningVms.flatMap((vm): ProcessEntry[] => [
      {
        pid: vm.serverPid,
        ppid: upstart.pid('seneschal'),
        user: 'seneschal',
        command: `/usr/bin/9s -r /fsroot --accept_cid ${String(vm.cid)} vsock:16384`,
      },
      {
        pid: vm.pid,
        ppid: upstart.pid('vm_concierge'),
        user: 'crosvm',
        command:
          `/usr/bin/crosvm run --cpus 4 --mem 12288 --cid ${String(vm.cid)} ` +
          `--socket /run/vm/vm.${String(vm.cid)}/crosvm.sock --params root=/dev/vda ` +
          `--block /run/daemon-store/crosvm/${identity.userHash}/dGVybWluYQ==.img,discard=true ` +
          '/run/imageloader/termina-dlc/package/root/vm_kernel',
      },
    ]);
    return [...fixed, ...jobs, ...vms, ...this.#commands.values()].sort((one, other) => one.pid - other.pid);
  }
}

const users: Readonly<Record<string, string>> = {
  seneschal: 'seneschal',
  crosdns: 'crosdns',
  vmlog_forwarder: 'vmlog-forwarder',
  dbus: 'messagebus',
  syslog: 'syslog',
  powerd: 'power',
  dlcservice: 'dlcservice',
  shill: 'shill',
};

const commands: Readonly<Record<string, string>> = {
  'openssh-server': 'sshd: /usr/sbin/sshd [listener] 0 of 10-100 startups',
  ui: '/sbin/session_manager',
  dbus: 'dbus-daemon --system --fork',
  syslog: '/usr/sbin/rsyslogd -n -f /etc/rsyslog.chromeos',
  dlcservice: '/usr/sbin/dlcservice',
  patchpanel: '/usr/bin/patchpaneld',
  'anomaly-detector': '/usr/bin/anomaly_detector',
  'log-rotate': '/sbin/minijail0 -- /usr/sbin/chromeos-cleanup-logs',
};

const userOf = (job: string): string => users[job] ?? 'root';
const commandOf = (job: string): string => commands[job] ?? `/usr/bin/${job}`;
