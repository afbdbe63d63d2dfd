# Sourced: make_root DIRECTORY lays a private root there, a tmpfs with this machine's own /usr, read-only where the
# kernel lets us. Used for the device and for its VMs. Nothing outside DIRECTORY is written.
#
# Not an overlay of /: in a user namespace the kernel refuses that ("failed to clone lowerpath", locked submounts).

make_root() {
  local root=$1 name
  mkdir -p "$root"
  mount -t tmpfs -o mode=755,size=2g root "$root"
  for name in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$name" ]; then cp -P "/$name" "$root/$name"; elif [ -d "/$name" ]; then
      mkdir "$root/$name"
      mount --rbind "/$name" "$root/$name"
      protect "$root/$name"
    fi
  done
  mkdir -p "$root"/{usr,etc,dev,proc,sys,run,tmp,root,home,mnt,opt,srv,var/{log,tmp,lib,cache,spool/crash},.old}
  chmod 1777 "$root/tmp" "$root/var/tmp"
  chmod 700 "$root/root"
  ln -s /run "$root/var/run"
  mount --rbind /usr "$root/usr"
  protect "$root/usr"
  mount -t tmpfs -o mode=755,size=1g local "$root/usr/local"
  mkdir -p "$root"/usr/local/{bin,sbin,lib,share}
  # Only what programs need to run; nothing of this machine's accounts, keys or services.
  for name in alternatives ld.so.cache ld.so.conf ld.so.conf.d protocols services terminfo debian_version inputrc; do
    if [ -e "/etc/$name" ]; then cp -a "/etc/$name" "$root/etc/$name"; fi
  done
  echo '127.0.0.1 localhost' > "$root/etc/hosts"
  : > "$root/etc/motd"
  tr -d - < /proc/sys/kernel/random/uuid > "$root/etc/machine-id"
  printf '%s\n' 'PS1="\u@\h \W \\$ "' > "$root/etc/profile"
  # The numbers behind unprivileged containers; the image is built with the same ones.
  echo 'root:1000000:65536' | tee "$root/etc/subuid" > "$root/etc/subgid"
}

# Makes a mount and those below it read-only. In a user namespace that can be refused for flags that are locked there;
# the files are then protected by their owners, who are nobody in it.
protect() {
  local target
  while read -r target; do
    mount -o remount,bind,ro "$target" 2>/dev/null || [ "${DEVICE_TIER:-}" = 1 ]
  done < <(awk -v base="$1" '$5 == base || index($5, base "/") == 1 { print $5 }' /proc/self/mountinfo)
}

# A private /dev: syslog's socket must not land in the machine's own.
make_dev() {
  local dev=$1/dev name
  mount -t tmpfs -o mode=755,size=1m dev "$dev"
  mkdir "$dev/pts" "$dev/shm" "$dev/net"
  for name in null zero full random urandom tty fuse kvm net/tun; do
    if [ ! -e "/dev/$name" ]; then continue; fi
    touch "$dev/$name"
    mount --bind "/dev/$name" "$dev/$name"
  done
  ln -s /proc/self/fd "$dev/fd"
  ln -s /proc/self/fd/0 "$dev/stdin"
  ln -s /proc/self/fd/1 "$dev/stdout"
  ln -s /proc/self/fd/2 "$dev/stderr"
  ln -s pts/ptmx "$dev/ptmx"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$dev/pts"
  mount -t tmpfs -o mode=1777,size=64m shm "$dev/shm"
}

# Not chroot: LXD enters its own mount namespace again by setns, which would lead out of a chroot.
enter_root() {
  cd "$1"
  pivot_root . .old
  cd /
  umount -l /.old
  rmdir /.old
}
