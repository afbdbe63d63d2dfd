#!/bin/bash
# image.sh DIRECTORY ROOTFS.tar: fills the directory with what is /mnt/stateful in termina: a real LXD with a real Debian container, penguin.
# Runs as root in mount, pid and network namespaces of its own; this machine's files and network stay as they are.
# LXD keeps its pool's path in its database, so it is built at the place where it will be used.
set -euo pipefail
image=$1
rootfs=$2
export LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf
ip link set lo up
mount -t tmpfs build /mnt
mkdir -p /mnt/stateful /mnt/build
mount --bind "$image" /mnt/stateful
mkdir -p $LXD_DIR $LXD_CONF
export HOME=/mnt/build
# The same numbers as on the device (root.sh).
echo 'root:1000000:65536' > /mnt/build/ids
for file in /etc/subuid /etc/subgid; do mount --bind /mnt/build/ids $file; done

lxd > /mnt/build/lxd.log 2>&1 < /dev/null &
lxd waitready --timeout 60
lxd init --preseed <<'P'
storage_pools: [{name: default, driver: dir}]
profiles: [{name: default, devices: {root: {path: /, pool: default, type: disk}}}]
P
printf '%s\n' "architecture: $(uname -m)" 'creation_date: 1700000000' \
  'properties: {description: Debian bookworm, os: debian, release: bookworm}' > /mnt/build/metadata.yaml
tar -C /mnt/build -cf /mnt/build/metadata.tar metadata.yaml
lxc image import /mnt/build/metadata.tar "$rootfs" --alias debian/bookworm
lxc init debian/bookworm penguin < /dev/null
# The container has its own copy.
lxc image delete debian/bookworm
# Its first boot settles what every later one then finds settled.
lxc start penguin < /dev/null
until state=$(lxc exec -T penguin -- systemctl is-system-running < /dev/null) || [ "$state" = degraded ]; do
  sleep 0.1
done
[ "$state" = running ] || lxc exec -T penguin -- systemctl --no-pager --failed < /dev/null
lxc stop penguin --timeout 20
lxd shutdown --timeout 20
wait
rm -f $LXD_DIR/unix.socket $LXD_DIR/seccomp.socket
