#!/bin/bash
# vm.sh NAME: the first process of a VM, in namespaces of its own. What it prints is the VM's console.
set -eu
name=$1
. /run/device/device.env
. /usr/local/lib/device/root.sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
say() { printf '%s\n' "[    0.$(printf %06d $((SECONDS * 1000 + BASHPID % 1000)))] $*"; }

root=/mnt
make_root $root
mount --rbind /dev $root/dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts $root/dev/pts
mount -t proc proc $root/proc
mount --rbind /sys $root/sys
. /usr/local/lib/device/programs.sh
lay_uname /usr/local/lib/device/uname $root/usr/local/bin/uname
mkdir -p $root/usr/local/lib/device $root/run/{rig,device} $root/mnt/{stateful,shared}
if [ "$DEVICE_VM_TYPE" = crostini ]; then mkdir -p $root/mnt/stateful/lxd; fi
mount --rbind /usr/local/lib/device $root/usr/local/lib/device
mount --bind "/run/vm/$name" $root/run/rig
mount --bind /run/device $root/run/device
cp -P /etc/localtime $root/etc/localtime

if [ "$DEVICE_VM_TYPE" = baguette ]; then user=$DEVICE_GUEST_USER; else user=chronos; fi
printf '%s\n' root:x:0:0:root:/root:/bin/bash "$user:x:1000:1000::/home/$user:/bin/bash" \
  nobody:x:65534:65534::/:/bin/false > $root/etc/passwd
printf '%s\n' root:x:0: tty:x:5: "$user:x:1000:" systemd-journal:x:101: nogroup:x:65534: > $root/etc/group
mkdir -p "$root/home/$user"
chown 1000:1000 "$root/home/$user"
if [ -n "$DEVICE_IMAGE" ]; then
  # The image is the lower layer, so every start finds the same disk.
  mount -t tmpfs -o mode=755,size=2g stateful $root/srv
  mkdir $root/srv/upper $root/srv/work
  mount -t overlay stateful $root/mnt/stateful \
    -o "lowerdir=/usr/local/lib/device/image,upperdir=$root/srv/upper,workdir=$root/srv/work"
fi
# Termina has no name of its own.
if [ "$DEVICE_VM_TYPE" = baguette ]; then hostname penguin; else hostname localhost; fi
hostname > $root/etc/hostname
enter_root $root

say "Linux version $(uname -r) (crostini-workbench test device) #1 SMP PREEMPT_DYNAMIC"
say 'maitred: Received StartTermina request'
touch /run/rig/booted/kernel
# What a guest runs besides, by name: processes that only sleep, and die with the VM.
stand_in() { bash -c 'exec -a "$0" sleep infinity' "$1" < /dev/null > /dev/null 2>&1 & }

if [ "$DEVICE_VM_TYPE" = baguette ]; then
  . /usr/local/lib/device/journal.sh
  for program in maitred vshd port_listener; do stand_in /opt/google/cros-containers/bin/$program; done
  start_journal
elif [ -n "$DEVICE_IMAGE" ]; then
  for program in /usr/bin/vm_syslog /usr/sbin/vshd /usr/bin/tremplin; do stand_in $program; done
  export LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf
  touch /run/rig/booted/lxd
  lxd 2>&1 | sed -u 's/^/lxd: /' &
  if ! lxd waitready --timeout 30 || ! lxc start penguin < /dev/null; then
    say 'tremplin: failed to start container penguin'
  else
    # Its /tmp and its units are only there when its own init says so.
    until state=$(lxc exec -T penguin -- systemctl is-system-running < /dev/null 2> /dev/null) ||
      [ "$state" = degraded ]; do sleep 0.05; done
    # The container is a system of its own; only what it says of its architecture is the device's.
    lay_uname /usr/local/lib/device/uname $LXD_DIR/storage-pools/default/containers/penguin/rootfs/usr/local/bin/uname
    lxc info penguin | awk '/^PID:/ { print $2 }' > /run/rig/.penguin
    mv /run/rig/.penguin /run/rig/containers/penguin
    say 'tremplin: started container penguin'
  fi
else
  for program in /usr/bin/vm_syslog /usr/sbin/vshd /usr/bin/tremplin; do stand_in $program; done
  # Without root there is no LXD: the container is namespaces too, with a real journal.
  unshare --mount --pid --uts --ipc --fork --kill-child --propagation private \
    /bin/bash /usr/local/lib/device/penguin.sh &
  until [ -e /run/rig/booted/penguin ]; do
    kill -0 $! || { say 'tremplin: failed to start container penguin' && break; }
    sleep 0.01
  done
  # The file has no line end, for which read reports a failure.
  read -r init < "/proc/$!/task/$!/children" || true
  echo "$init" > /run/rig/.penguin
  mv /run/rig/.penguin /run/rig/containers/penguin
  say 'tremplin: started container penguin'
fi
# bash reaps whatever is orphaned while it waits.
sleep infinity &
while :; do wait $!; done
