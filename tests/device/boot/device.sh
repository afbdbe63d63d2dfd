#!/bin/bash
# device.sh STATE: runs in fresh namespaces as their first process, lays the device's root and becomes its init.
# STATE is this device's directory; STATE/shared is /run/device on it.
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
mount --bind "$state/shared" "$root/run/device"
cp "$state"/shared/etc/* "$root/etc/"
chmod 600 "$root/etc/shadow"
ln -s "/usr/share/zoneinfo/$DEVICE_TIME_ZONE" "$root/etc/localtime"

# The stand-ins: one bundle, told apart by name, like busybox.
library=$root/usr/local/lib/device
mkdir -p "$library" "$root/usr/local/autotest/bin"
cp "$state"/library/* "$library/"
chmod 755 "$library"/{start-vm,stop-vm,halt}
touch "$library/node"
mount --bind "$DEVICE_NODE" "$library/node"
if [ -n "$DEVICE_IMAGE" ]; then
  mkdir "$library/image"
  mount --bind "$DEVICE_IMAGE" "$library/image"
  mount -o remount,bind,ro "$library/image"
fi
for name in $DEVICE_PROGRAMS; do
  case $name in
    reboot | poweroff | shutdown | initctl | start | stop | restart | status) folder=sbin ;;
    autologin.py)
      if [ -z "$DEVICE_TEST_IMAGE" ]; then continue; fi
      folder=autotest/bin
      ;;
    *) folder=bin ;;
  esac
  printf '#!/bin/sh\nexec /usr/local/lib/device/node /usr/local/lib/device/programs.mjs %s "$@"\n' "$name" \
    > "$root/usr/local/$folder/$name"
  chmod 755 "$root/usr/local/$folder/$name"
done

if [ -n "$DEVICE_TERMINA_DLC" ]; then
  dlc=$root/run/imageloader/termina-dlc/package/root
  mkdir -p "$dlc"
  cp "$state/shared/termina-lsb-release" "$dlc/lsb-release"
fi
mkdir -p "$root/run/chromeos-config/v1/hardware-properties" "$root/home/chronos" "$root/var/log/chrome" "$root/var/log/ui"
printf CHROMEBOOK > "$root/run/chromeos-config/v1/hardware-properties/form-factor"
chown 1000:1000 "$root/home/chronos"
mkdir -p "$root/root/.ssh"
chmod 700 "$root/root/.ssh"
cp "$state/shared/authorized_keys" "$root/root/.ssh/authorized_keys"
chmod 600 "$root/root/.ssh/authorized_keys"

enter_root "$root"
exec /bin/bash /usr/local/lib/device/init.sh
