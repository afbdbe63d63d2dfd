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
  chgrp systemd-journal "/run/log/journal/$machine"
  # ReadKMsg: the kernel is this machine's own.
  printf '%s\n' '[Journal]' Storage=volatile ReadKMsg=no Audit=no > /run/systemd/journald.conf.d/device.conf
  $journald > /dev/null 2>&1 &
  until [ -S /run/systemd/journal/stdout ]; do sleep 0.01; done
  for name in garcon sommelier cros-sftp; do
    (
      count=0
      while sleep 1; do echo "[INFO:main.cc(104)] $name tick $((count += 1))"; done
    ) | systemd-cat -t $name &
  done
}
