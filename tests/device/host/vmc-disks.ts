import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { parseOptions } from './getopts.ts';
import { PATHS } from './paths.ts';
import { type Call, type Subcommand, done, failed, operationFailed, refuseOwner } from './vmc-answers.ts';

/** The kinds of VM that `create` and `set-crostini-vm-type` take (chromeos-facts.md section 2.1). */
const VM_TYPES: Readonly<Record<string, 'crostini' | 'baguette'>> = {
  crostini: 'crostini',
  termina: 'crostini',
  baguette: 'baguette',
};

/** What a disk of no stated size has, in bytes. */
export const DISK_BYTES = 10 * 1024 ** 3;

const EXPECTED_SIZE = 'expected unsigned integer for the disk size. (e.g. 1000000000, 256M, 1G)';

/** A size in bytes, with M or G behind it for more of them. */
function parseSize(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+)([MG]?)$/.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * (unit === 'G' ? 1024 ** 3 : unit === 'M' ? 1024 ** 2 : 1);
}

const diskFailed = (operation: string, text: string) =>
  operationFailed(operation, `bad disk image status: \`DISK_STATUS_FAILED\`: ${text}`);

/**
 * Where a file of the user is that vmc is given the name of: below MyFiles, or on a removable medium.
 * @returns undefined for a path that leads out of there
 */
export function userFile(owner: string, file: string, removable?: string): string | undefined {
  const path = normalize(file);
  if (isAbsolute(path) || path.startsWith('..')) return undefined;
  return removable === undefined
    ? join(PATHS.userHomes, owner, 'MyFiles', path)
    : join(PATHS.removable, removable, path);
}

/** Subcommands about disks (chromeos-facts.md sections 2.1 and 2.3). Disks are sparse files that nothing is read from. */
export const DISK_COMMANDS: Readonly<Record<string, Subcommand>> = {
  create: ({ world, args, owner }) => {
    const parsed = parseOptions(args, {
      values: ['size', 'source', 'vm-type'],
      required: ['vm-type'],
      stopsAtFirstFree: true,
    });
    if ('error' in parsed) return failed(parsed.error);
    const { size } = parsed.values;
    const bytes = size === undefined ? DISK_BYTES : parseSize(size);
    if (bytes === undefined) return failed(EXPECTED_SIZE);
    const end = parsed.free.indexOf('--');
    const [name, media, ...more] = end < 0 ? parsed.free : parsed.free.slice(0, end);
    if (name === undefined || more.length > 1)
      return failed('expected <vm name> [<file name> [removable storage name]]');
    const type = VM_TYPES[(parsed.values['vm-type'] ?? '').toLowerCase()];
    if (type === undefined) return failed('Invalid VM type');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    if (media !== undefined || parsed.values['source'] !== undefined)
      return diskFailed('vm_create', 'this device makes no disk from a source');
    return world.vms.create(name, { type, bytes, isSparse: size === undefined })
      ? done()
      : diskFailed('vm_create', 'disk image already exists');
  },

  destroy: ({ world, args, owner, env }) => {
    const parsed = parseOptions(args, { switches: ['yes'], short: { y: 'yes' } });
    if ('error' in parsed) return failed(parsed.error);
    const [name, ...more] = parsed.free;
    if (name === undefined || more.length > 0) return failed('expected <name>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    // Nobody can answer the question here.
    if (!parsed.switches.has('yes') && env['VMC_NONINTERACTIVE'] === undefined) {
      const question = `WARNING: this will delete all data stored in VM '${name}'\nContinue? (y/N) `;
      return { ...failed('cancelled by user'), stdout: question };
    }
    return destroy(name, world);
  },

  resize: ({ world, args, owner }) => {
    const [name, size, ...more] = args;
    if (name === undefined || size === undefined || more.length > 0) return failed('expected <vm name> <size>');
    if (!/^\d+$/.test(size)) return failed('expected <size>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    return world.vms.resize(name, Number(size))
      ? done('Operation completed successfully\n')
      : operationFailed('disk_resize', 'bad disk image status: `DISK_STATUS_DOES_NOT_EXIST`: disk image not found');
  },

  'create-extra-disk': ({ world, args, owner }) => {
    const parsed = parseOptions(args, { values: ['size'], required: ['size'] });
    if ('error' in parsed) return failed(parsed.error);
    const bytes = parseSize(parsed.values['size'] ?? '');
    if (bytes === undefined) return failed(EXPECTED_SIZE);
    const [file, removable, ...more] = parsed.free;
    if (file === undefined || more.length > 0) return failed('expected <path>');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    const path = userFile(owner, file, removable);
    if (path === undefined) return operationFailed('extra_disk_create', `invalid path: \`${file}\``);
    if (existsSync(path))
      return operationFailed('extra_disk_create', `failed to open \`${path}\`: File exists (os error 17)`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    truncateSync(path, bytes);
    return done(`A raw disk is created at ${path}.\n`);
  },

  'disk-op-status': ({ args, ...call }) =>
    args.length === 1
      ? (refuseOwner(call.world, call.owner) ?? diskFailed('disk_op_status', 'Unknown UUID'))
      : failed('expected <command UUID>'),

  export: (call) => copyOut(call, 'vm_export', { switches: ['digest', 'force'], short: { d: 'digest', f: 'force' } }),

  import: (call) => copyOut(call, 'vm_import', { values: ['vm-type'] }),

  'inspect-backup': ({ world, args, owner }) => {
    const [file, removable, ...more] = args;
    if (file === undefined || more.length > 0) return failed('expected <file name> [removable storage name]');
    const refused = refuseOwner(world, owner);
    if (refused) return refused;
    const path = userFile(owner, file, removable);
    return path === undefined
      ? operationFailed('inspect_backup', `invalid path: \`${file}\``)
      : operationFailed('inspect_backup', `failed to open \`${path}\`: No such file or directory (os error 2)`);
  },

  'set-crostini-vm-type': ({ world, args: [type, ...more], owner }) => {
    if (type === undefined || more.length > 0) return failed('expected <vm type>');
    return VM_TYPES[type.toLowerCase()] === undefined
      ? failed('Invalid VM type')
      : (refuseOwner(world, owner) ?? done());
  },
};

async function destroy(name: string, world: Call['world']) {
  return (await world.vms.destroy(name))
    ? done()
    : operationFailed('disk_destroy', 'bad disk image status: `DISK_STATUS_DOES_NOT_EXIST`: No such image');
}

/** Export and import: their arguments are checked; a disk without content has nothing to hand over. */
function copyOut({ world, args, owner }: Call, operation: string, types: Parameters<typeof parseOptions>[1]) {
  const parsed = parseOptions(args, types);
  if ('error' in parsed) return failed(parsed.error);
  const [name, file, removable, ...more] = parsed.free;
  if (name === undefined || file === undefined || more.length > 0)
    return failed('expected <vm name> <file name> [removable storage name]');
  const refused = refuseOwner(world, owner);
  if (refused) return refused;
  if (userFile(owner, file, removable) === undefined) return operationFailed(operation, `invalid path: \`${file}\``);
  if (operation === 'vm_export' && !world.vms.list().some((vm) => vm.name === name))
    return operationFailed(operation, 'VM with such name does not exist');
  return diskFailed(operation, 'the disks of this device have no content');
}
