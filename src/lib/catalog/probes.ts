import type { Probe } from '../domain/probe.ts';

const SESSION_MANAGER =
  'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager';

const OWNER_HASH = `$(${SESSION_MANAGER} org.chromium.SessionManagerInterface.RetrievePrimarySession 2>/dev/null | sed -n 's/^ *string "\\([0-9a-f]\\{40\\}\\)"$/\\1/p')`;

/** Programs of the map that no job tells of, on the host and in the guest; `init` is maitred in Termina. */
const HOST_PROGRAMS = '9s|crosvm';
const GUEST_PROGRAMS =
  'init|maitred|vm_syslog|vshd|tremplin|lxd|garcon|chunnel|sommelier|notificationd|port_listener|crostini_metric_reporter';

/**
 * What is asked of a device on connect (chromeos-facts.md section 9), in this order; every command only reads.
 * `domain/probe/` reads the answers by id. The clock is last, so that little time passes until it is compared.
 */
export const PROBES: readonly Probe[] = [
  { id: 'machine', command: 'uname -m' },
  { id: 'kernel', command: 'uname -r' },
  { id: 'lsb-release', command: 'cat /etc/lsb-release' },
  { id: 'cros-debug', command: 'crossystem cros_debug' },
  { id: 'session', command: `${SESSION_MANAGER} org.chromium.SessionManagerInterface.RetrievePrimarySession` },
  { id: 'guest-session', command: `${SESSION_MANAGER} org.chromium.SessionManagerInterface.IsGuestSessionActive` },
  {
    id: 'jobs',
    command:
      'for job in vm_concierge vm_concierge_nodefer vm_cicerone seneschal vmlog_forwarder chunneld crosdns vhost_user_starter shadercached dlcservice patchpanel permission_broker anomaly-detector syslog ui; do status "$job"; done',
  },
  // One look into the VM as root also shows its containers: theirs are other pid namespaces than that of its first
  // process. A tool of ChromeOS in a container runs as NAME.elf under a loader (section 8, finding 5). Only names of
  // the map are printed: the rest is the user's own business. Without a running VM vsh would complain in its log.
  {
    id: 'programs',
    command: [
      '{ ps -e -o args= | sed "s/^/device /"',
      'if cicerone_client --get_info 2>/dev/null | grep -qx "VM: termina"',
      `then vsh --vm_name=termina --owner_id=${OWNER_HASH} --user=root -- ps -e -o pidns= -o args=`,
      'fi',
      `} | awk 'own == "" && $1 ~ /^[0-9]+$/ { own = $1 }`,
      '{ place = $1 == "device" ? $1 : $1 == own || $1 == "-" ? "termina" : "penguin"; name = $2',
      '  for (i = 3; i <= NF; i++) if ($i ~ /cros-containers.bin.[^ ]*[.]elf$/) name = $i',
      '  sub(".*/", "", name); sub("[.]elf$", "", name)',
      `  if (name ~ (place == "device" ? "^(${HOST_PROGRAMS})$" : "^(${GUEST_PROGRAMS})$")) print place, name`,
      "}' | sort -u",
    ].join('\n'),
  },
  // vmc of images before 2024-03 does not ask the session manager itself (section 2.4).
  { id: 'vms', command: `CROS_USER_ID_HASH=${OWNER_HASH} vmc list` },
  { id: 'containers', command: 'cicerone_client --get_info' },
  // Only where cicerone cannot be asked: in a Baguette VM there is no lxc, and the attempt would land in its log.
  {
    id: 'lxc',
    command: `command -v cicerone_client >/dev/null || vsh --vm_name=termina --owner_id=${OWNER_HASH} --user=root -- LXD_DIR=/mnt/stateful/lxd LXD_CONF=/mnt/stateful/lxd_conf lxc list --format=csv -c ns`,
  },
  { id: 'termina-dlc', command: 'dlcservice_util --id=termina-dlc --dlc_state' },
  { id: 'termina-release', command: 'cat /run/imageloader/termina-dlc/package/root/lsb-release' },
  { id: 'time-zone', command: 'date +%z; date +%Z; readlink -f /etc/localtime' },
  { id: 'boot-id', command: 'cat /proc/sys/kernel/random/boot_id' },
  { id: 'clock', command: 'date -u +%s' },
];
