import type { DeviceConfig } from '../config.ts';

/** What the stand-ins ask of each other inside the host services daemon. One file implements each part. */
export interface World {
  readonly config: DeviceConfig;
  readonly session: Session;
  readonly jobs: Jobs;
  readonly vms: Vms;
  /** Writes a line to syslog, as `tag[pid]: text`; the pid is that of the job of this name, if it runs. */
  log(tag: string, severity: 'debug' | 'info' | 'notice' | 'warning' | 'err', text: string): void;
}

/** Who is signed in. */
export interface Session {
  /** The primary user; null while nobody or only a guest is signed in (chromeos-facts.md section 4). */
  readonly user: { readonly email: string; readonly hash: string } | null;
  readonly isGuest: boolean;
  /** Emits `start-user-session` to the jobs and makes the user's daemon-store. */
  signIn(user: { readonly email: string; readonly hash: string }): Promise<void>;
  signInAsGuest(): Promise<void>;
  /** Stops `ui`: every VM ends, the daemon-store is unmounted. Does nothing if nobody is signed in. */
  signOut(): Promise<void>;
}

/** Upstart (chromeos-facts.md sections 5.2 and 6). */
export interface Jobs {
  /** The pid of a running job; null if it is stopped or unknown. */
  pid(name: string): number | null;
  isRunning(name: string): boolean;
}

/** What a disk is made as. */
export interface Disk {
  readonly type: 'crostini' | 'baguette';
  readonly bytes: number;
  readonly isSparse: boolean;
}

/** A disk of the signed-in user, running or not. */
export interface Vm {
  readonly name: string;
  readonly sizeBytes: number;
  /** Whether nobody chose the size: it grows as it fills. */
  readonly isSparse: boolean;
  readonly type: 'crostini' | 'baguette';
  readonly state: 'stopped' | 'starting' | 'running';
  /** Of the running VM; null otherwise. Counts up from 32 while concierge lives (section 6). */
  readonly cid: number | null;
  /** Names of running containers. Of a Baguette VM: `penguin`, by cicerone's pretence (section 7.4). */
  readonly containers: readonly string[];
}

/** What concierge knows of VMs. */
export interface Vms {
  list(): readonly Vm[];
  /** Boots a VM and its container, and resolves when both are up. The error is concierge's reason. */
  start(name: string): Promise<{ readonly ok: true } | { readonly error: string }>;
  /** Succeeds for a stopped VM too (section 2.3). */
  stop(name: string): Promise<void>;
  /** Makes a disk of `bytes`. False if there is one of this name. */
  create(name: string, disk: Disk): boolean;
  /** Stops the VM and removes its disk. False if there is none. */
  destroy(name: string): Promise<boolean>;
  /** Gives a disk another size in bytes. False if there is none. */
  resize(name: string, bytes: number): boolean;
}

/** One run of a stand-in whose answer the daemon gives; see `PATHS.services`. */
export interface ProgramRequest {
  /** As it was called: `status`, `vmc`, … */
  readonly program: string;
  /** Without the program's own name. */
  readonly argv: readonly string[];
  /** CROS_USER_ID_HASH and the like. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ProgramAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /**
   * A command to run on the caller's own terminal after the output, if any: what vmc does with vsh. Its exit status
   * is dropped and `code` given instead (chromeos-facts.md section 2.4).
   */
  readonly then?: readonly string[];
}

/** A stand-in that only needs the world. Never throws: bad arguments are an answer with the program's own message. */
export type Program = (world: World, request: ProgramRequest) => Promise<ProgramAnswer>;
