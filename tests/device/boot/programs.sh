# Sourced: lay_programs FOLDERS writes a command for each stand-in: one bundle, told apart by name, like busybox.
# FOLDERS is the directory of bin, sbin and autotest/bin. $LIBRARY is where the bundle is for whoever runs them, and
# $DEVICE_ROOT where the device's files are, if not at the root.
lay_programs() {
  local name folder
  mkdir -p "$1"/{bin,sbin,autotest/bin}
  for name in $DEVICE_PROGRAMS; do
    case $name in
      reboot | poweroff | shutdown | initctl | start | stop | restart | status) folder=sbin ;;
      autologin.py)
        if [ -z "$DEVICE_TEST_IMAGE" ]; then continue; fi
        folder=autotest/bin
        ;;
      *) folder=bin ;;
    esac
    printf '#!/bin/sh\n%sexec "%s/node" "%s/programs.mjs" %s "$@"\n' \
      "${DEVICE_ROOT:+export DEVICE_ROOT='$DEVICE_ROOT'; }" "$LIBRARY" "$LIBRARY" "$name" > "$1/$folder/$name"
    chmod 755 "$1/$folder/$name"
  done
  lay_uname "$2" "$1/bin/uname"
}

# lay_uname TEMPLATE FILE: a uname for the device's architecture, if that is not this machine's own.
lay_uname() {
  if [ "$(/usr/bin/uname -m)" = "$DEVICE_ARCH" ]; then return; fi
  sed "s/^arch=.*/arch=$DEVICE_ARCH/" "$1" > "$2"
  chmod 755 "$2"
}
