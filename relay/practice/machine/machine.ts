import { LogBook } from '../logs/log-book.ts';
import { identityOf, type Identity } from './identity.ts';
import { ProcessTable } from './process-table.ts';
import { Upstart } from './upstart.ts';
import { createContainer, createTermina, FIRST_CID, type Container, type VirtualMachine } from './virtual-machine.ts';

/** Who is signed in. `no-bus`: session_manager is not on the bus (chromeos-facts 4). */
export type SessionState = 'user' | 'none' | 'guest' | 'no-bus';

export interface MachineOptions {
  readonly arch: Identity['arch'];
  readonly now: () => Date;
  readonly random: () => number;
}

/** Time that a VM and a container take to start; real ones take seconds. */
const VM_START_MS = 300;
const CONTAINER_START_MS = 200;

/** How long the device had been up when it was first reached. */
const UPTIME_AT_START_MS = 47 * 60 * 1000;

/** The whole state of the simulated device: what the programs read and change. Holds no timer of its own. */
export class Machine {
  readonly identity: Identity;
  readonly now: () => Date;
  readonly random: () => number;
  readonly logs: LogBook;
  readonly upstart: Upstart;
  readonly processes: ProcessTable;
  readonly machines = new Map<string, VirtualMachine>();
  session: SessionState = 'user';
  bootedAt: Date;
  bootId: string;
  /** Set by device.ts: `reboot` typed in a shell. */
  onReboot: () => void = () => undefined;
  #nextCid = FIRST_CID;

  constructor(options: MachineOptions) {
    this.identity = identityOf(options.arch);
    this.now = options.now;
    this.random = options.random;
    this.bootedAt = new Date(options.now().getTime() - UPTIME_AT_START_MS);
    this.bootId = this.#newBootId();
    this.processes = new ProcessTable(this);
    this.upstart = new Upstart(
      {
        onStart: (job, pid) => this.#jobStarted(job, pid),
        onStop: (job, pid) => this.#jobStopped(job, pid),
      },
      () => this.processes.nextPid(),
    );
    this.logs = new LogBook(this);
    this.#installVm();
  }

  get uptimeSeconds(): number {
    return Math.max(1, (this.now().getTime() - this.bootedAt.getTime()) / 1000);
  }

  /** The signed-in user's hash; empty when nobody is. */
  get userHash(): string {
    return this.session === 'user' ? this.identity.userHash : '';
  }

  /** A restart of the device: everything that lives in memory is new. */
  boot(): void {
    this.shutDown();
    this.bootedAt = this.now();
    this.bootId = this.#newBootId();
    this.processes.reset();
    this.upstart.boot();
    this.session = 'user';
    this.#nextCid = FIRST_CID;
    this.machines.clear();
    this.logs.clear();
    this.#installVm();
    this.logs.writeBoot();
  }

  /** The power goes: what runs in the VMs ends, nothing is logged. */
  shutDown(): void {
    for (const vm of this.machines.values()) vm.power.abort('power');
  }

  findVm(name: string): VirtualMachine | undefined {
    return this.machines.get(name);
  }

  get runningVms(): readonly VirtualMachine[] {
    return [...this.machines.values()].filter((vm) => vm.state === 'running');
  }

  /** Starts a VM; `wait` is called for the time that it takes. False when the services are not there. */
  async startVm(vm: VirtualMachine, wait: (ms: number) => Promise<void>): Promise<boolean> {
    if (vm.state === 'running') return true;
    if (!this.upstart.isRunning('vm_concierge')) return false;
    vm.state = 'starting';
    this.logs.service('INFO', 'vm_concierge', `[service.cc:1804] Received request: StartVm for ${vm.name}`);
    await wait(VM_START_MS);
    if (!this.upstart.isRunning('vm_concierge')) return false;
    this.powerOn(vm);
    return true;
  }

  /** The moment at which a VM runs. */
  powerOn(vm: VirtualMachine): void {
    vm.state = 'running';
    vm.cid = this.#nextCid++;
    vm.pid = this.processes.nextPid();
    vm.serverPid = this.processes.nextPid();
    vm.startedAt = this.logs.clock;
    vm.power = new AbortController();
    const hash = this.identity.userHash;
    const cid = String(vm.cid);
    this.logs.service(
      'INFO',
      'vmlog_forwarder',
      `[log_pipe.cc:273] Received VmStartingUpSignal for ${hash}/${vm.name}, cid ${cid}, type TERMINA`,
    );
    this.logs.service('INFO', 'vm_concierge', `[service.cc:2047] Started VM with pid ${String(vm.pid)}`);
    this.logs.service('INFO', 'seneschal', `[service.cc:388] Started server for vsock:${cid}:16384`);
    this.logs.writeGuestBoot(vm);
    this.logs.service(
      'INFO',
      'vm_cicerone',
      `[service.cc:612] Received VmStartedSignal for owner: ${hash}, vm_name: ${vm.name}, vsock_cid: ${cid}`,
    );
  }

  /** Stops a VM and what runs in it. Stopping a stopped one is no error (chromeos-facts 2.3). */
  stopVm(vm: VirtualMachine): void {
    if (vm.state === 'stopped') return;
    const { cid } = vm;
    this.logs.guest(vm, 13, `${this.logs.guestUptime(vm)} reboot: Power down`);
    vm.state = 'stopped';
    for (const container of vm.containers.values()) container.running = false;
    vm.power.abort('power');
    this.logs.service('INFO', 'vm_concierge', `[service.cc:2291] Shutting down VM ${vm.name}, cid ${String(cid)}`);
    this.logs.service('NOTICE', 'vm_cicerone', `[service.cc:655] VM ${vm.name} stopped, its containers are gone`);
  }

  /** Starts a container of a running VM; makes it first if there is none (chromeos-facts 2.4). */
  async startContainer(vm: VirtualMachine, name: string, wait: (ms: number) => Promise<void>): Promise<Container> {
    let container = vm.containers.get(name);
    if (!container) {
      container = createContainer(name);
      vm.containers.set(name, container);
      this.logs.service('INFO', 'vm_cicerone', `[service.cc:1733] Created LXD container ${name} from debian/bookworm`);
    }
    if (!container.running) {
      await wait(CONTAINER_START_MS);
      this.#containerUp(vm, container);
    }
    return container;
  }

  /** A machine as a user leaves it: signed in, VM and container running. For the first boot. */
  bringUp(): void {
    const termina = this.machines.get('termina');
    if (!termina) return;
    this.powerOn(termina);
    for (const container of termina.containers.values()) this.#containerUp(termina, container);
  }

  /** Signs out: `stopping ui` stops concierge and so everything else (chromeos-facts 6). */
  signOut(state: Exclude<SessionState, 'user'> = 'none'): void {
    this.upstart.stop('vm_concierge');
    this.session = state;
    this.logs.service('INFO', 'session_manager', '[session_manager_impl.cc:688] Session stopped');
  }

  signIn(): void {
    if (this.session === 'user') return;
    this.session = 'user';
    this.logs.service('INFO', 'session_manager', '[session_manager_impl.cc:574] Starting user session');
    this.upstart.start('vm_concierge');
  }

  /** `kill` from a shell: a job's process is respawned, a VM's ends the VM. False: no such process. */
  kill(pid: number, probe: boolean): boolean {
    const known = this.processes.list().some((entry) => entry.pid === pid);
    if (!known || probe) return known;
    const vm = this.runningVms.find((one) => one.pid === pid);
    if (vm) this.stopVm(vm);
    const job = this.upstart.all.find((state) => state.pid === pid);
    if (job) this.upstart.restart(job.job.name);
    return true;
  }

  #containerUp(vm: VirtualMachine, container: Container): void {
    container.running = true;
    this.logs.guest(vm, 13, `${this.logs.slashDate()} tremplin: started container ${container.name}`);
    this.logs.service(
      'INFO',
      'vm_cicerone',
      `[service.cc:760] Startup of container ${container.name} at IP ${container.address} for VM ${vm.name} completed.`,
    );
    this.logs.service('INFO', 'vm_cicerone', `[container_listener_impl.cc:121] garcon in ${container.name} is ready`);
  }

  #jobStarted(job: string, pid: number | null): void {
    this.logs.upstart(`init: ${job} main process (${String(pid ?? 0)}) started`);
    if (job === 'vm_concierge') this.#nextCid = FIRST_CID;
    this.logs.service('INFO', job, '[main.cc:44] Starting');
  }

  #jobStopped(job: string, pid: number | null): void {
    if (job === 'vm_concierge') for (const vm of this.machines.values()) this.stopVm(vm);
    this.logs.message('INFO', `${job}[${String(pid ?? 0)}]`, '[main.cc:71] Received SIGTERM, shutting down');
    this.logs.upstart(`init: ${job} main process (${String(pid ?? 0)}) killed by TERM signal`);
  }

  #installVm(): void {
    const termina = createTermina(this.now());
    this.machines.set(termina.name, termina);
  }

  #newBootId(): string {
    const hex = Array.from({ length: 32 }, () => Math.floor(this.random() * 16).toString(16)).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
