import { existsSync, readFileSync } from 'node:fs';
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

/** What concierge and cicerone tell vsh of a VM and a container; internal, it has no program of its own. */
export const vmInfo: Program = (world, { argv }) => {
  const [name = '', owner = '', container = '', cid = '0'] = argv;
  const refuse = (line: number, text: string) => Promise.resolve(failure(line, text).exit);
  if (!world.jobs.isRunning('vm_concierge')) return refuse(110, 'Failed to send dbus message to concierge service');
  const vm = world.vms
    .list()
    .find((other) => other.state === 'running' && (other.name === name || (name === '' && String(other.cid) === cid)));
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
  const file = join(directory, 'containers', container);
  const info: v.InferOutput<typeof vmInfoSchema> = {
    tier: world.config.tier,
    pid: Number(readFileSync(join(directory, 'pid'), 'utf8')),
    // A Baguette VM is its own container (section 7.4).
    container: container !== '' && existsSync(file) ? Number(readFileSync(file, 'utf8')) : null,
    defaultUser: container === '' ? 'chronos' : world.config.guestUser,
    guest: container === '' ? 'vm' : 'container',
  };
  return Promise.resolve({ stdout: JSON.stringify(info), stderr: '', code: 0 });
};

/**
 * vshd's part, in bash inside the guest. Arguments: vm or container, the default user, the user asked for, `tty` or
 * nothing, cwd, the environment, `--`, the command. The user is changed before the pipes are made, so stdin is a pipe
 * of the target user (vsh_forwarder.cc): that is why a copy of /proc/self/fd/0 has mode 0600 and that owner.
 */
export const GUEST = String.raw`
# Below sshd Debian's bash would read the .bashrc of root.
unset SSH_CLIENT SSH2_CLIENT
guest=$1 default_user=$2 user=$3 tty=$4 cwd=$5
shift 5
vars=()
while [ "$1" != -- ]; do vars+=("$1"); shift; done
shift
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
refuse() {
  echo "ERROR vsh: [../../../../../../../mnt/host/source/src/platform2/vm_tools/vsh/vsh_client.cc:214] Server was unable to set up connection: $1" >&2
  exit 1
}
IFS=: read -r name _ uid gid _ home shell < <(getent passwd "${'$'}{user:-$default_user}" < /dev/null)
if [ -z "$uid" ]; then
  hint=
  if [ "$guest" = vm ] && [ ! -d /mnt/stateful/lxd ]; then
    hint=', if attempting to connect to a containerless guest please use ${'`'}vsh termina penguin${'`'}'
  fi
  refuse "could not find user: ${'$'}{user:-$default_user}$hint"
fi
if [ "$guest" = container ] && [ "$uid" != 1000 ]; then refuse "cannot change to user: $user"; fi
cd "$home" 2> /dev/null || cd /
case $cwd in
  '') ;;
  *[!0-9]*) cd "$cwd" 2> /dev/null ;;
  *) cd "/proc/$cwd/cwd" 2> /dev/null ;;
esac
if [ $# -gt 0 ] && ! program=$(type -P -- "$1"); then
  # The console of the VM is its init's output.
  echo "vshd: Failed to exec '$1': No such file or directory" 2> /dev/null > /proc/1/fd/1
  exit 1
fi
# env searches /bin and /usr/bin only, as there is no PATH; vshd searches its own.
case $program in '' | /bin/* | /usr/bin/*) ;; *) set -- "$program" "${'$'}{@:2}" ;; esac
# garcon starts vshd with --inherit_env, so what a session of its user has is there (garcon/service_impl.cc).
if [ "$guest" = container ]; then vars=("XDG_RUNTIME_DIR=/run/user/$uid" "${'$'}{vars[@]}"); fi
vars+=("SHELL=$shell" "HOME=$home")
if [ $# -gt 0 ]; then run=(/usr/bin/env -i "${'$'}{vars[@]}" "$@")
else run=(/usr/bin/env -i "${'$'}{vars[@]}" /bin/bash -c 'exec -a "-${'$'}{0##*/}" "$0"' "$shell"); fi
# Hung up when vsh is gone, as by the end of its connection.
become=(setpriv --reuid "$uid" --regid "$gid" --init-groups --pdeathsig HUP)
if [ -n "$tty" ]; then
  exec "${'$'}{become[@]}" /usr/bin/script -qefc "exec $(printf '%q ' "${'$'}{run[@]}")" /dev/null
fi
exec "${'$'}{become[@]}" /bin/bash --norc -c 'exec "$@" < <(exec cat)' vshd "${'$'}{run[@]}"
`;
