import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { PATHS } from './paths.ts';
import { failure } from './vsh-arguments.ts';
import type { Program } from './world.ts';

/** Where and as whom vsh enters. */
export const vmInfoSchema = v.object({
  tier: v.picklist([1, 2]),
  /** The VM's init, as the device numbers it. */
  pid: v.number(),
  /** The container's init, as the VM numbers it; null for the VM itself. */
  container: v.nullable(v.number()),
  defaultUser: v.string(),
  /** `vm`: vshd runs as root and may become anybody. `container`: garcon starts it as uid 1000 (section 1.6). */
  guest: v.picklist(['vm', 'container']),
});

/** What it ends with while a container's garcon does not answer: vsh asks again for a while. */
export const NO_GARCON = 75;

/** What concierge and cicerone tell vsh of a VM and a container; internal, it has no program of its own. */
export const vmInfo: Program = (world, { argv }) => {
  const [name = '', owner = '', container = '', cid = '0'] = argv;
  const refuse = (line: number, text: string) => Promise.resolve(failure(world.config.vshRelease, line, text).exit);
  if (!world.jobs.isRunning('vm_concierge')) return refuse(110, 'Failed to send dbus message to concierge service');
  const vm = world.vms
    .list()
    .find((other) => other.cid !== null && (other.name === name || (name === '' && String(other.cid) === cid)));
  const found = vm && (owner === '' || owner === world.session.user?.hash) ? vm : undefined;
  const target = `${name}:${container}`;
  if (!found) {
    return container === ''
      ? refuse(122, `Failed to get VM info for ${name}`)
      : refuse(173, `Failed to launch vshd for ${target}: requested VM does not exist: ${name}`);
  }
  if (container !== '' && !found.containers.includes(container))
    return refuse(173, `Failed to launch vshd for ${target}: requested container does not exist: ${container}`);
  const directory = join(PATHS.vms, found.name);
  // The VM boots: concierge knows its cid, and its vshd does not listen yet.
  if (!existsSync(join(directory, 'pid')))
    return refuse(361, 'Failed to connect to vshd: Connection reset by peer (104)');
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  const file = join(directory, 'containers', container);
  // A Baguette VM is its own container (section 7.4).
  const init = container !== '' && existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
  if (init !== null && !hasGarcon(pid, init)) return Promise.resolve({ stdout: '', stderr: '', code: NO_GARCON });
  const info: v.InferOutput<typeof vmInfoSchema> = {
    tier: world.config.tier,
    pid,
    container: init,
    defaultUser: container === '' ? 'chronos' : world.config.guestUser,
    guest: container === '' ? 'vm' : 'container',
  };
  return Promise.resolve({ stdout: JSON.stringify(info), stderr: '', code: 0 });
};

/**
 * Whether garcon runs in a container: it starts the vshd that dials back (section 1.5).
 * @param vm init of the VM, as the device numbers it
 * @param container init of the container, as the VM numbers it
 */
function hasGarcon(vm: number, container: number): boolean {
  const inside = `/proc/${vm}/root/proc`;
  try {
    const namespace = readlinkSync(`${inside}/${container}/ns/pid`);
    return readdirSync(inside).some((entry) => /^\d+$/.test(entry) && isGarcon(`${inside}/${entry}`, namespace));
  } catch {
    return false;
  }
}

function isGarcon(process: string, namespace: string): boolean {
  try {
    return (
      /\/bin\/garcon(?:\.elf)?\0/.test(readFileSync(`${process}/cmdline`, 'utf8')) &&
      // A stopped one does not answer.
      !/\) T /.test(readFileSync(`${process}/stat`, 'utf8')) &&
      readlinkSync(`${process}/ns/pid`) === namespace
    );
  } catch {
    return false;
  }
}
