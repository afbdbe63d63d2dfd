import { InMemoryFs } from '../shell/just-bash.ts';
import type { LogFile, RotatedLog } from '../logs/log-file.ts';

/** A file whose content is not stored: /proc, /dev, logs. */
export interface VirtualFile {
  /** Null: the file does not exist now. */
  read(): Buffer | string | null;
  append?(bytes: Buffer): void;
  truncate?(): void;
  /** The open file, for followers: it stays the same one when it is renamed. */
  open?(): LogFile | null;
  modified?(): Date;
  readonly mode?: number;
}

/**
 * A file system of a device keeps so many bytes in memory; more is ENOSPC. A device has three of them, and those of two
 * devices fit into the memory of their process (512 MiB).
 */
const FILE_SYSTEM_LIMIT = 64 * 1024 * 1024;

/** The file system of a world: in memory, with virtual files, and with a notice of each change for followers. */
export class WorldFs extends InMemoryFs {
  readonly #virtual = new Map<string, VirtualFile>();
  readonly #mounts: { readonly path: string; readonly present: () => boolean }[] = [];
  readonly #listeners = new Set<(path: string) => void>();
  /** Who made a file; absent: root. */
  readonly owners = new Map<string, string>();

  constructor() {
    super(undefined, { maxTotalBytes: FILE_SYSTEM_LIMIT });
  }

  /** Puts a virtual file in place. A stored empty file stands for it in directory listings. */
  mount(path: string, file: VirtualFile): void {
    this.#virtual.set(path, file);
    this.writeFileSync(path, '', 'utf8', { mode: file.mode ?? 0o444 });
  }

  /** A mount that comes and goes, as a user's store does: while `present` is false, nothing under `path` exists. */
  mountWhile(path: string, present: () => boolean): void {
    this.#mounts.push({ path, present });
  }

  /** A log and its older files. */
  mountLog(log: RotatedLog, mode = 0o640): void {
    for (let index = 0; index <= log.depth; index++) {
      this.#virtual.set(index === 0 ? log.path : `${log.path}.${String(index)}`, {
        mode,
        read: () => log.file(index)?.read() ?? null,
        open: () => log.file(index) ?? null,
        append: (bytes) => (index === 0 ? log.append(bytes) : log.file(index)?.append(bytes, new Date())),
        truncate: () => log.file(index)?.truncate(new Date()),
        modified: () => log.file(index)?.modified ?? new Date(0),
      });
    }
    this.mkdirSync(log.path.slice(0, log.path.lastIndexOf('/')), { recursive: true });
    this.writeFileSync(log.path, '', 'utf8', { mode });
  }

  virtual(path: string): VirtualFile | undefined {
    return this.#virtual.get(path);
  }

  /** Calls `listener` with each path that a command writes, renames or removes; returns how to stop. */
  watch(listener: (path: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  override async readFileBuffer(path: string): Promise<Uint8Array> {
    const content = await this.#content(path);
    return content ?? super.readFileBuffer(path);
  }

  override async readFile(path: string, options?: Parameters<InMemoryFs['readFile']>[1]): Promise<string> {
    const content = await this.#content(path);
    return content ? content.toString('utf8') : super.readFile(path, options);
  }

  override async readFileBytes(path: string): ReturnType<InMemoryFs['readFileBytes']> {
    const content = await this.#content(path);
    if (!content) return super.readFileBytes(path);
    return content.toString('latin1') as unknown as Awaited<ReturnType<InMemoryFs['readFileBytes']>>;
  }

  override async exists(path: string): Promise<boolean> {
    if (this.#isAway(path)) return false;
    const virtual = await this.#find(path);
    return virtual ? virtual.read() !== null : super.exists(path);
  }

  override async stat(path: string): ReturnType<InMemoryFs['stat']> {
    this.#assertPresent(path, 'stat');
    const virtual = await this.#find(path);
    return virtual ? this.#status(path, virtual) : super.stat(path);
  }

  override async lstat(path: string): ReturnType<InMemoryFs['lstat']> {
    this.#assertPresent(path, 'lstat');
    const virtual = this.#virtual.get(path);
    return virtual ? this.#status(path, virtual) : super.lstat(path);
  }

  // Not by way of each other: the base class builds one of the two on the other one.
  override async readdir(path: string): Promise<string[]> {
    return (await this.#entries(path)).map(({ name }) => name);
  }

  override async readdirWithFileTypes(path: string): ReturnType<InMemoryFs['readdirWithFileTypes']> {
    return this.#entries(path);
  }

  override getAllPaths(): string[] {
    return super.getAllPaths().filter((path) => !this.#isAway(path));
  }

  override async appendFile(...parameters: Parameters<InMemoryFs['appendFile']>): Promise<void> {
    const [path, content] = parameters;
    const virtual = await this.#find(path);
    if (virtual) virtual.append?.(Buffer.from(content as string));
    else await super.appendFile(...parameters);
    this.#changed(path);
  }

  override async writeFile(...parameters: Parameters<InMemoryFs['writeFile']>): Promise<void> {
    const [path, content] = parameters;
    const virtual = await this.#find(path);
    if (virtual) {
      virtual.truncate?.();
      if (content.length > 0) virtual.append?.(Buffer.from(content as string));
    } else await super.writeFile(...parameters);
    this.#changed(path);
  }

  override async rm(...parameters: Parameters<InMemoryFs['rm']>): Promise<void> {
    await super.rm(...parameters);
    this.#changed(parameters[0]);
  }

  override async mv(from: string, to: string): Promise<void> {
    await super.mv(from, to);
    this.#changed(from);
    this.#changed(to);
  }

  #isAway(path: string): boolean {
    return this.#mounts.some((mount) => (path === mount.path || path.startsWith(`${mount.path}/`)) && !mount.present());
  }

  #assertPresent(path: string, call: string): void {
    if (this.#isAway(path)) throw new Error(`ENOENT: no such file or directory, ${call} '${path}'`);
  }

  async #entries(path: string): ReturnType<InMemoryFs['readdirWithFileTypes']> {
    this.#assertPresent(path, 'scandir');
    const entries = new Map((await super.readdirWithFileTypes(path)).map((entry) => [entry.name, entry]));
    for (const [virtualPath, file] of this.#virtual) {
      const slash = virtualPath.lastIndexOf('/');
      if (virtualPath.slice(0, slash) !== path.replace(/\/+$/, '')) continue;
      const name = virtualPath.slice(slash + 1);
      if (file.read() === null) entries.delete(name);
      else entries.set(name, { name, isFile: true, isDirectory: false, isSymbolicLink: false });
    }
    for (const name of entries.keys()) if (this.#isAway(`${path.replace(/\/+$/, '')}/${name}`)) entries.delete(name);
    return [...entries.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  #changed(path: string): void {
    for (const listener of [...this.#listeners]) listener(path);
  }

  /** A virtual file by its path, or through links to it. */
  async #find(path: string): Promise<VirtualFile | undefined> {
    const direct = this.#virtual.get(path);
    if (direct) return direct;
    try {
      return this.#virtual.get(await super.realpath(path));
    } catch {
      return undefined;
    }
  }

  async #content(path: string): Promise<Buffer | null> {
    this.#assertPresent(path, 'open');
    const virtual = await this.#find(path);
    if (!virtual) return null;
    const content = virtual.read();
    if (content === null) throw new Error(`ENOENT: no such file or directory, open '${path}'`);
    return Buffer.from(content as string);
  }

  #status(path: string, file: VirtualFile): Awaited<ReturnType<InMemoryFs['stat']>> {
    const content = file.read();
    if (content === null) throw new Error(`ENOENT: no such file or directory, stat '${path}'`);
    return {
      isFile: true,
      isDirectory: false,
      isSymbolicLink: false,
      mode: file.mode ?? 0o444,
      size: Buffer.byteLength(content),
      mtime: file.modified?.() ?? new Date(),
    };
  }
}
