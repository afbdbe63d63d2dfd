#!/bin/bash
# plain.sh STATE: the init of a device without namespaces: sshd, dbus-daemon, rsyslogd and the host services as this
# user, below STATE/root, which is on the device what / is elsewhere. All of it dies with this script.
set -u
state=$1
. "$state/shared/device.env"
. "$state/library/programs.sh"
export DEVICE_ROOT=$state/root LIBRARY=$state/root/usr/local/lib/device
export PATH=$DEVICE_ROOT/usr/local/autotest/bin:$DEVICE_ROOT/usr/local/sbin:$DEVICE_ROOT/usr/local/bin:$PATH:/usr/sbin:/sbin
export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$DEVICE_ROOT/run/dbus/system_bus_socket
root=$DEVICE_ROOT
rm -rf "$root"
mkdir -p "$root"/{run/{device,dbus,vm,daemon-store},var/log,home,dev,etc} "$LIBRARY"
cp -r "$state/shared/." "$root/run/device"
cp "$state"/library/* "$LIBRARY/"
cp "$state/shared/etc/lsb-release" "$root/etc/"
ln -s "$DEVICE_NODE" "$LIBRARY/node"
chmod 755 "$LIBRARY/halt"
lay_programs "$root/usr/local" "$LIBRARY/uname"
(umask 077 && cat <&4 > "$root/etc/host_key")
exec 4<&- 5<&-
. "$LIBRARY/dlc.sh"
lay_dlc "$root"
. "$LIBRARY/init.sh"
