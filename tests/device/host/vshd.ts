/**
 * vshd's part, in bash inside the guest. Arguments: vm or container, the default user, the user asked for, `tty` or
 * nothing, cwd, what stands before an error, the environment, `--`, the command. The user is changed before the pipes
 * are made, so stdin is a pipe of the target user (vsh_forwarder.cc): that is why a copy of /proc/self/fd/0 has mode
 * 0600 and that owner.
 */
export const GUEST = String.raw`
# Below sshd Debian's bash would read the .bashrc of root.
unset SSH_CLIENT SSH2_CLIENT
guest=$1 default_user=$2 user=$3 tty=$4 cwd=$5 prefix=$6
shift 6
vars=()
while [ "$1" != -- ]; do vars+=("$1"); shift; done
shift
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
refuse() {
  echo "${'$'}{prefix}Server was unable to set up connection: $1" >&2
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
  # script makes the pty, but reports a death by signal as 128 more, as if it were a code. siginfo's status is sent as
  # it is: perl, which every Debian has, tells the two apart.
  status=(/usr/bin/env -i perl -e 'system { $ARGV[0] } @ARGV; exit($? & 127 || $? >> 8)')
  type -P perl > /dev/null || status=()
  exec "${'$'}{become[@]}" /usr/bin/script -qefc "exec $(printf '%q ' "${'$'}{status[@]}" "${'$'}{run[@]}")" /dev/null
fi
exec "${'$'}{become[@]}" /bin/bash --norc -c 'exec "$@" < <(exec cat)' vshd "${'$'}{run[@]}"
`;
