import type { IFileSystem } from '../shell/just-bash.ts';
import type { User } from './world.ts';
import type { WorldFs } from './world-fs.ts';

/** Paths that stand for the stdin of whoever opens them. */
const stdinPaths = new Set(['/dev/stdin', '/proc/self/fd/0', '/dev/fd/0']);

/** A world's file system as one user's shell sees it: permissions, and its own stdin under /dev/stdin. */
export interface UserFs {
  readonly fs: IFileSystem;
  /** What /dev/stdin holds for the batch that runs now. */
  setStdin(bytes: Buffer): void;
}

/** The view of `user`. Root may do everything, as on the device. */
export function createUserFs(world: WorldFs, user: User): UserFs {
  let stdin: Buffer = Buffer.alloc(0);
  const home = user.home;

  const ownerOf = (path: string): string =>
    world.owners.get(path) ?? (path === home || path.startsWith(`${home}/`) ? user.name : 'root');

  const assertMayRead = async (path: string): Promise<void> => {
    if (user.uid === 0 || stdinPaths.has(path)) return;
    const { mode } = await world.stat(path);
    if (ownerOf(path) !== user.name && (mode & 0o004) === 0) throw denied('open', path);
  };

  const assertMayWrite = async (path: string): Promise<void> => {
    if (user.uid === 0 || /^\/(?:tmp|dev)(?:\/|$)/.test(path)) return;
    const exists = await world.exists(path);
    const subject = exists ? path : path.slice(0, path.lastIndexOf('/')) || '/';
    if (ownerOf(subject) === user.name) return;
    const status = await world.stat(subject).catch(() => null);
    if (!status || (status.mode & 0o002) === 0) throw denied('open', path);
  };

  const afterWrite = (path: string, existed: boolean): void => {
    if (!existed && user.uid !== 0) world.owners.set(path, user.name);
  };

  const writing = async (path: string, write: () => Promise<void>): Promise<void> => {
    await assertMayWrite(path);
    const existed = await world.exists(path);
    await write();
    afterWrite(path, existed);
  };

  const overrides: Partial<IFileSystem> = {
    readFile: async (path, options) => {
      if (stdinPaths.has(path)) return stdin.toString('utf8');
      await assertMayRead(path);
      return world.readFile(path, options);
    },
    readFileBuffer: async (path) => {
      if (stdinPaths.has(path)) return stdin;
      await assertMayRead(path);
      return world.readFileBuffer(path);
    },
    readFileBytes: async (path) => {
      if (stdinPaths.has(path)) return stdin.toString('latin1') as unknown as ReturnType<WorldFs['readFileBytes']>;
      await assertMayRead(path);
      return world.readFileBytes(path);
    },
    writeFile: (path, content, options) => writing(path, () => world.writeFile(path, content, options)),
    appendFile: (path, content, options) => writing(path, () => world.appendFile(path, content, options)),
    mkdir: (path, options) => writing(path, () => world.mkdir(path, options)),
    symlink: (target, path) => writing(path, () => world.symlink(target, path)),
    rm: (path, options) => writing(path, () => world.rm(path, options)),
    mv: (from, to) => writing(from, () => writing(to, () => world.mv(from, to))),
    chmod: (path, mode) => writing(path, () => world.chmod(path, mode)),
    cp: async (from, to, options) => {
      if (stdinPaths.has(from)) {
        const existed = await world.exists(to);
        await writing(to, () => world.writeFile(to, stdin));
        // cp takes the mode of the pipe, 0600 (the guide's copy-in; seen on a real Linux with the same command).
        if (!existed) await world.chmod(to, 0o600);
        return;
      }
      await assertMayRead(from);
      await writing(to, () => world.cp(from, to, options));
    },
  };

  const fs = new Proxy<IFileSystem>(world, {
    get(target, key) {
      const override = overrides[key as keyof IFileSystem];
      if (override) return override;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });

  return {
    fs,
    setStdin: (bytes) => {
      stdin = bytes;
    },
  };
}

function denied(call: string, path: string): Error {
  return new Error(`EACCES: permission denied, ${call} '${path}'`);
}
