#!/bin/bash
# The device's init. When it ends, the kernel ends the whole device.
. /run/device/device.env
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TZ=":/etc/localtime"
library=/usr/local/lib/device

hostname localhost
# Every boot has its own id, as on a machine of its own.
cat /proc/sys/kernel/random/uuid > /run/boot_id
mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
ip link set lo up 2>/dev/null

fail() {
  echo "failed: $*" > /run/device/boot
  exit 1
}
wait_for_socket() {
  local left=500
  until [ -S "$1" ]; do
    [ $((left -= 1)) -gt 0 ] || fail "$2 did not start: $(tail -n 3 "/run/device/$2.log")"
    sleep 0.01
  done
}

# Orderly: connections are closed while there still is a network.
stop_all() {
  kill -TERM "$services" "$sshd"
  wait "$services"
  pkill -KILL sshd
  exit 0
}
trap stop_all TERM

dbus-daemon --config-file=$library/system-bus.conf --nofork --nopidfile --print-address=3 \
  3>/dev/null > /run/device/dbus.log 2>&1 &
rsyslogd -n -f $library/rsyslog.conf -i /run/rsyslogd.pid > /run/device/rsyslogd.log 2>&1 &
wait_for_socket /run/dbus/system_bus_socket dbus
wait_for_socket /dev/log rsyslogd

# It says "ready" once the session manager answers on the bus and the stand-ins can be asked.
coproc host { exec $library/node $library/services.mjs 2> /run/device/services.log; }
services=$host_PID
read -r -t 10 answer <&"${host[0]}"
[ "$answer" = ready ] || fail "the host services did not start: $(tail -n 3 /run/device/services.log)"

# It logs to syslog, as on ChromeOS. -D keeps it in the foreground.
/usr/sbin/sshd -D -f /etc/sshd_config 2> /run/device/sshd.log &
sshd=$!
until grep -qs 'Server listening' /var/log/messages /var/log/secure; do
  kill -0 $sshd 2>/dev/null || fail "sshd did not start: $(tail -n 3 /run/device/sshd.log)"
  sleep 0.01
done
echo up > /run/device/boot
# bash reaps whatever is orphaned while it waits; a signal interrupts the wait.
sleep infinity &
while :; do wait $!; done
