#!/bin/bash
# Runs once inside the container's root while its image is made: the user, the guest services, sshd kept off.
set -euo pipefail
useradd --create-home --uid 1000 --shell /bin/bash testuser
usermod --append --groups sudo,systemd-journal testuser
echo 'testuser ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/testuser
mkdir -p /var/lib/systemd/linger
touch /var/lib/systemd/linger/testuser
echo penguin > /etc/hostname
printf '%s\n' '127.0.0.1 localhost penguin' > /etc/hosts
# cros-container images ship it so; the guide's container over SSH removes it.
touch /etc/ssh/sshd_not_to_be_run
printf '%s\n' LANG=C.UTF-8 > /etc/default/locale
# Nothing here has a console, a swap or a network to wait for.
systemctl mask --quiet console-getty.service getty@.service systemd-networkd-wait-online.service

# garcon and sommelier are user units, sftp is a system unit, as in cros-container-guest-tools.
unit() {
  printf '%s\n' '[Unit]' "Description=$2" '[Service]' \
    "ExecStart=/opt/google/cros-containers/bin/$3" 'Restart=on-failure' '[Install]' "WantedBy=$4" > "$1"
}
user=/etc/systemd/user
unit $user/cros-garcon.service 'Chromium OS Garcon Bridge' garcon default.target
unit $user/sommelier@.service 'Parent sommelier listening on socket wayland-%i' 'sommelier wayland-%i' default.target
unit $user/sommelier-x@.service 'Parent sommelier listening on X display %i' 'sommelier x%i' default.target
unit /etc/systemd/system/cros-sftp.service 'Chrome OS SFTP server' cros-sftp multi-user.target
mkdir -p $user/default.target.wants
ln -s ../cros-garcon.service $user/default.target.wants/cros-garcon.service
for name in sommelier@0 sommelier@1 sommelier-x@0 sommelier-x@1; do
  ln -s "../${name%@*}@.service" "$user/default.target.wants/$name.service"
done
systemctl enable --quiet cros-sftp.service

# The tools as lddtree packs them: a wrapper that runs NAME.elf through the loader beside it, with its own libraries
# (chromeos-facts.md section 8, finding 5). The program is a stand-in that says what it is and stays.
tools=/opt/google/cros-containers
mkdir -p $tools/bin $tools/lib
loader=$(readlink -f /lib64/ld-linux-x86-64.so.2 || readlink -f /lib/ld-linux-aarch64.so.1)
cp "$loader" $tools/lib/ld-linux.so
ldd /bin/bash | awk '$3 ~ /^\// { print $3 }' | xargs -I{} cp -L {} $tools/lib/
for name in garcon sommelier cros-sftp; do
  cp /bin/bash $tools/bin/$name.elf
  cat > $tools/bin/$name <<'W'
#!/bin/sh
base=/opt/google/cros-containers
name=${0##*/}
exec $base/lib/ld-linux.so --library-path $base/lib --argv0 "$0" $base/bin/$name.elf -c '
  count=0
  while sleep 1; do echo "[INFO:main.cc($((100 + count % 50)))] $0 tick $((count += 1))"; done' $name
W
  chmod 755 $tools/bin/$name
done
