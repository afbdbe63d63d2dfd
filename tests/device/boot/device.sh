#!/bin/bash
# device.sh STATE: runs in fresh namespaces as their first process, lays the device's root and becomes its init.
# STATE is this device's directory, of which nothing is written: its owner and the device's root are two accounts. What
# only the owner may read comes open: the host key as 4, node as 5. To 3 init writes how the boot ended.
set -euo pipefail
state=$1
. "$state/shared/device.env"
. "$state/library/root.sh"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

mount --make-rprivate /
root=$state/root
make_root "$root"
make_dev "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mkdir -p "$root"/run/{device,sshd,vm,dbus,lock} "$root/run/daemon-store"
cp -r "$state/shared/." "$root/run/device"
cp "$state"/shared/etc/* "$root/etc/"
# Where test images keep them: they outlive an update, and a powerwash takes them.
keys=$root/mnt/stateful_partition/etc/ssh
mkdir -p "$keys"
(umask 077 && cat <&4 > "$keys/ssh_host_ed25519_key")
ssh-keygen -y -f "$keys/ssh_host_ed25519_key" > "$keys/ssh_host_ed25519_key.pub"
chmod 600 "$root/etc/shadow"
ln -s "/usr/share/zoneinfo/$DEVICE_TIME_ZONE" "$root/etc/localtime"

library=$root/usr/local/lib/device
mkdir -p "$library"
cp "$state"/library/* "$library/"
chmod 755 "$library"/{start-vm,stop-vm,halt}
(umask 022 && touch "$library/node" && chmod 755 "$library/node")
# Copied where the way to it is closed, as to one in somebody's home.
mount --bind "$DEVICE_NODE" "$library/node" 2> /dev/null || cat <&5 > "$library/node"
exec 4<&- 5<&-
if [ -n "$DEVICE_IMAGE" ]; then
  mkdir "$library/image"
  mount --bind "$DEVICE_IMAGE" "$library/image"
  mount -o remount,bind,ro "$library/image"
fi
. "$library/programs.sh"
LIBRARY=/usr/local/lib/device lay_programs "$root/usr/local" "$library/uname"
. "$library/dlc.sh"
lay_dlc "$root"
mkdir -p "$root/home/chronos"
chown 1000:1000 "$root/home/chronos"
mkdir -p "$root/root/.ssh"
chmod 700 "$root/root/.ssh"
cp "$state/shared/authorized_keys" "$root/root/.ssh/authorized_keys"
chmod 600 "$root/root/.ssh/authorized_keys"

enter_root "$root"
exec /bin/bash /usr/local/lib/device/init.sh
