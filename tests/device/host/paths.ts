/** Where the device's root is; empty but on a device without namespaces (boot/plain.sh). */
export const ROOT = process.env['DEVICE_ROOT'] ?? '';

/** Where things are on the device. All are real paths of ChromeOS but the first four, which are the rig's own. */
export const PATHS = {
  /** The device's configuration: `DeviceConfig` as JSON. */
  config: `${ROOT}/run/device/config.json`,
  /** The socket of the host services daemon. */
  services: `${ROOT}/run/device-services.sock`,
  /** Boot scripts and programs of the rig. */
  library: `${ROOT}/usr/local/lib/device`,
  /**
   * One directory for each running VM, made by `start-vm`: `pid` (of the VM's init, as the device numbers it) once
   * it is up, `containers/NAME` (pid of the container's init, as the VM numbers it) once that container is up.
   */
  vms: `${ROOT}/run/vm`,
  daemonStore: `${ROOT}/run/daemon-store/crosvm`,
  /** What daemon-store shows of a user during the session: on a real device, in the locked cryptohome. */
  vault: `${ROOT}/home/.shadow`,
  /** A user's files, a directory each (vmc looks for MyFiles below it). */
  userHomes: `${ROOT}/home/user`,
  removable: `${ROOT}/media/removable`,
  systemBus: `${ROOT}/run/dbus/system_bus_socket`,
  terminaDlc: `${ROOT}/run/imageloader/termina-dlc/package/root`,
  terminaDlcImage: `${ROOT}/run/device/termina-lsb-release`,
  chromeosConfig: `${ROOT}/run/chromeos-config/v1`,
  syslog: `${ROOT}/dev/log`,
  syslogPid: `${ROOT}/run/rsyslogd.pid`,
  logs: `${ROOT}/var/log`,
} as const;
