/** Where things are on the device. All are real paths of ChromeOS but the first four, which are the rig's own. */
export const PATHS = {
  /** The device's configuration: `DeviceConfig` as JSON. */
  config: '/run/device/config.json',
  /** The socket of the host services daemon. */
  services: '/run/device-services.sock',
  /** Boot scripts and programs of the rig. */
  library: '/usr/local/lib/device',
  /**
   * One directory for each running VM, made by `start-vm`: `pid` (of the VM's init, as the device numbers it) once
   * it is up, `containers/NAME` (pid of the container's init, as the VM numbers it) once that container is up.
   */
  vms: '/run/vm',
  daemonStore: '/run/daemon-store/crosvm',
  systemBus: '/run/dbus/system_bus_socket',
  terminaDlc: '/run/imageloader/termina-dlc/package/root',
} as const;
