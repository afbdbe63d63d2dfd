# Sourced: lay_dlc ROOT writes what termina-dlc and the device's own configuration have to show.
lay_dlc() {
  local dlc=$1/run/imageloader/termina-dlc/package/root config=$1/run/chromeos-config/v1
  if [ -n "$DEVICE_TERMINA_DLC" ]; then
    mkdir -p "$dlc"
    cp "$1/run/device/termina-lsb-release" "$dlc/lsb-release"
  fi
  mkdir -p "$config/hardware-properties"
  printf CHROMEBOOK > "$config/hardware-properties/form-factor"
  case $DEVICE_ARCH in aarch64) printf lazor ;; *) printf voxel ;; esac > "$config/name"
}
