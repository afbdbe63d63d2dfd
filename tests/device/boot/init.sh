#!/bin/bash
# The device's init. When it ends, the kernel ends the whole device. A device without namespaces (boot/plain.sh) has it
# too: then its files are below $DEVICE_ROOT, and what it starts is told to die with it.
: "${DEVICE_ROOT:=}"
root=$DEVICE_ROOT
run=$root/run/device
library=$root/usr/local/lib/device
. "$run/device.env"
own=()
if [ -z "$root" ]; then
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TZ=":/etc/localtime"
  hostname localhost
  # Every boot has its own id, as on a machine of its own.
  cat /proc/sys/kernel/random/uuid > /run/boot_id
  mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
  ip link set lo up 2> /dev/null
else
  own=(setpriv --pdeathsig KILL)
fi

fail() {
  echo "failed: $*" >&3
  exit 1
}
wait_for_socket() {
  local left=500
  until [ -S "$1" ]; do
    [ $((left -= 1)) -gt 0 ] || fail "$2 did not start: $(tail -n 3 "$run/$2.log")"
    sleep 0.01
  done
}
family() {
  local child
  for child in $(cat "/proc/$1/task/$1/children" 2> /dev/null); do family "$child"; done
  echo "$1"
}

# Orderly: connections are closed while there still is a network.
stop_all() {
  local sessions
  sessions=$(family "$sshd")
  kill -TERM "$services" "$sshd"
  wait "$services"
  if [ -z "$root" ]; then pkill -KILL sshd; else kill -KILL $sessions 2> /dev/null; fi
  # What is to come after is for the keeper outside to know.
  case $(cat "$root/run/halt" 2> /dev/null) in reboot) exit 64 ;; esac
  exit 0
}
trap stop_all TERM

sed "s|/dev/log|$root/dev/log|; s|\"/var/log|\"$root/var/log|; s|^authpriv.\* /var|authpriv.* $root/var|" \
  "$library/rsyslog.conf" > "$run/rsyslog.conf"
"${own[@]}" dbus-daemon --config-file="$library/system-bus.conf" --nofork --nopidfile \
  --address="unix:path=$root/run/dbus/system_bus_socket" 3>&- > "$run/dbus.log" 2>&1 &
"${own[@]}" rsyslogd -n -f "$run/rsyslog.conf" -i "$root/run/rsyslogd.pid" 3>&- > "$run/rsyslogd.log" 2>&1 &
wait_for_socket "$root/run/dbus/system_bus_socket" dbus
wait_for_socket "$root/dev/log" rsyslogd

# It says "ready" once the session manager answers on the bus and the stand-ins can be asked.
coproc host { exec "${own[@]}" "$library/node" "$library/services.mjs" 3>&- 2> "$run/services.log"; }
services=$host_PID
read -r -t 10 answer <&"${host[0]}"
[ "$answer" = ready ] || fail "the host services did not start: $(tail -n 3 "$run/services.log")"

# It logs to syslog, as on ChromeOS; without namespaces that would be this machine's. -D keeps it in the foreground.
"${own[@]}" /usr/sbin/sshd -D ${root:+-e} -f "$run/etc/sshd_config" 3>&- 2> "$run/sshd.log" &
sshd=$!
until grep -qs 'Server listening' "$root/var/log/messages" "$root/var/log/secure" "$run/sshd.log"; do
  kill -0 $sshd 2> /dev/null || fail "sshd did not start: $(tail -n 3 "$run/sshd.log")"
  sleep 0.01
done
echo up >&3
exec 3>&-
# bash reaps whatever is orphaned while it waits; a signal interrupts the wait.
"${own[@]}" sleep infinity &
while :; do wait $!; done
