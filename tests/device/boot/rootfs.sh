#!/bin/bash
# rootfs.sh TAR: the container's root file system, a small Debian with what cros-container-guest-tools add to it.
set -euo pipefail
export DEVICE_LIBRARY
DEVICE_LIBRARY=$(dirname "$(readlink -f "$0")")
mmdebstrap --quiet --format=tar --variant=minbase \
  --include=systemd-sysv,libpam-systemd,dbus,dbus-user-session,procps,iproute2,sudo,openssh-server,gdbserver,binutils \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='cp "$DEVICE_LIBRARY/penguin-setup.sh" "$1/setup.sh" && chroot "$1" /bin/bash /setup.sh && rm "$1/setup.sh"' \
  bookworm "$1"
