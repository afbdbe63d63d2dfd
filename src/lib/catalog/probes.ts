import type { Probe } from '../domain/probe.ts';

const SESSION_MANAGER =
  'dbus-send --system --print-reply --type=method_call --dest=org.chromium.SessionManager /org/chromium/SessionManager';

const OWNER_HASH = `$(${SESSION_MANAGER} org.chromium.SessionManagerInterface.RetrievePrimarySession 2>/dev/null | sed -n 's/^ *string "\\([0-9a-f]\\{40\\}\\)"$/\\1/p')`;

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
      'for job in vm_concierge vm_cicerone seneschal vmlog_forwarder chunneld crosdns vhost_user_starter; do status "$job"; done',
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
