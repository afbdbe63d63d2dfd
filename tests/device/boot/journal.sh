# Sourced: start_journal runs a real systemd-journald without systemd, and services that log to it. For guests that
# cannot have systemd as their init: the container of a device without root, and the Baguette VM.

start_journal() {
  local journald=/usr/lib/systemd/systemd-journald machine name
  if ! [ -x $journald ]; then
    echo "penguin: no $journald on this machine, so journalctl will find nothing (apt-get install systemd)"
    return
  fi
  read -r machine < /etc/machine-id
  mkdir -p /run/systemd/journal "/run/log/journal/$machine" /run/systemd/journald.conf.d
  # As systemd's own tmpfiles.d has it: what journald makes there belongs to the group.
  chgrp systemd-journal "/run/log/journal/$machine"
  chmod 2755 "/run/log/journal/$machine"
  # ReadKMsg: the kernel is this machine's own.
  printf '%s\n' '[Journal]' Storage=volatile ReadKMsg=no Audit=no > /run/systemd/journald.conf.d/device.conf
  $journald > /dev/null 2>&1 &
  until [ -S /run/systemd/journal/stdout ]; do sleep 0.01; done
  # The device's own /dev/log is seen from here: what is logged in the guest must not land there.
  if [ -S /dev/log ]; then mount --bind /run/systemd/journal/dev-log /dev/log; fi
  # garcon and sommelier are services of the user, sftp is one of the system (chromeos-facts.md section 3.4).
  for name in garcon sommelier cros-sftp; do
    if [ $name = cros-sftp ]; then user=0; else user=1000; fi
    setpriv --reuid $user --regid $user --clear-groups systemd-cat -t $name bash -c '
      exec -a "$0" bash -c "count=0
        while sleep 1; do echo \"[INFO:main.cc(104)] $1 tick \$((count += 1))\"; done"' \
      /opt/google/cros-containers/bin/$name $name &
  done
}
