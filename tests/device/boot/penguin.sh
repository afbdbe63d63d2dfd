#!/bin/bash
# penguin.sh: the first process of the container where there is no LXD: namespaces in those of the VM.
set -eu
. /run/device/device.env
. /usr/local/lib/device/journal.sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
hostname penguin
mount -t proc proc /proc
mount --make-rprivate /
# Its own /etc, /run and homes over those of the VM it lives in.
mkdir -p /tmp/.booted
mount --bind /run/rig/booted /tmp/.booted
cp -a /etc /tmp/.etc
mount -t tmpfs -o mode=755 etc /etc
cp -a /tmp/.etc/. /etc/
rm -rf /tmp/.etc
sed -i "s/^chronos:.*/$DEVICE_GUEST_USER:x:1000:1000::\/home\/$DEVICE_GUEST_USER:\/bin\/bash/" /etc/passwd
sed -i "s/^chronos:/$DEVICE_GUEST_USER:/" /etc/group
sed -i "s/^\(systemd-journal:.*\)/\1$DEVICE_GUEST_USER/" /etc/group
echo penguin > /etc/hostname
tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id
for place in /run /home /var /mnt /root; do mount -t tmpfs -o mode=755 penguin $place; done
mkdir -p /run/user /var/{log,tmp} "/home/$DEVICE_GUEST_USER"
chown 1000:1000 "/home/$DEVICE_GUEST_USER"
start_journal
touch /tmp/.booted/penguin
umount /tmp/.booted
sleep infinity &
while :; do wait $!; done
