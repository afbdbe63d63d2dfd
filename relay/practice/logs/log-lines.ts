/**
 * What the practice device writes by itself. The formats are from the facts (3.2, 3.3); the texts are shapes in the
 * manner of these programs, not copies of them. Placeholders: {pid.JOB} a job's pid, {cid}, {vmpid} (crosvm), {hash},
 * {n} a small number, {big} a large one, {port}, {hex}.
 */
export type Severity = 'EMERG' | 'ALERT' | 'CRIT' | 'ERR' | 'WARNING' | 'NOTICE' | 'INFO' | 'DEBUG';

export interface MessageTemplate {
  readonly severity: Severity;
  /** Tag with pid, as it stands before the colon. */
  readonly tag: string;
  readonly text: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** Only written while this is so. */
  readonly needs?: 'services' | 'vm';
}

const concierge = 'vm_concierge[{pid.vm_concierge}]';
const cicerone = 'vm_cicerone[{pid.vm_cicerone}]';
const seneschal = 'seneschal[{pid.seneschal}]';
const chunneld = 'chunneld[{pid.chunneld}]';
const forwarder = 'vmlog_forwarder[{pid.vmlog_forwarder}]';
const session = 'session_manager[{pid.session_manager}]';
const dlcservice = 'dlcservice[{pid.dlcservice}]';
const crosvm = 'VM({cid})[{vmpid}]';

// prettier-ignore
export const messageTemplates: readonly MessageTemplate[] = [
  { severity: 'INFO', tag: concierge, text: '[service.cc:2614] Received request: GetVmInfo for termina', weight: 6, needs: 'vm' },
  { severity: 'INFO', tag: concierge, text: '[service.cc:3120] Received request: ListVmDisks', weight: 4, needs: 'services' },
  { severity: 'INFO', tag: concierge, text: '[balloon_policy.cc:188] BalloonTrace: [{cid}] available {big} kB, balloon {n} MiB', weight: 4, needs: 'vm' },
  { severity: 'DEBUG', tag: concierge, text: '[vm_util.cc:402] crosvm control socket answered in {n} ms', weight: 2, needs: 'vm' },
  { severity: 'WARNING', tag: concierge, text: '[termina_vm.cc:741] Time sync with VM {cid} took {n} ms', weight: 2, needs: 'vm' },
  { severity: 'ERR', tag: concierge, text: '[service.cc:2349] Requested VM foo does not exist', weight: 1, needs: 'services' },
  { severity: 'INFO', tag: cicerone, text: '[container_listener_impl.cc:214] garcon in penguin: application list updated, {n} entries', weight: 4, needs: 'vm' },
  { severity: 'INFO', tag: cicerone, text: '[service.cc:1432] garcon heartbeat from VM termina container penguin, port {port}', weight: 5, needs: 'vm' },
  { severity: 'INFO', tag: cicerone, text: '[container_listener_impl.cc:388] garcon in penguin: disk usage {big} of 10737418240 bytes', weight: 2, needs: 'vm' },
  { severity: 'NOTICE', tag: cicerone, text: '[service.cc:2210] Port forwarding rules of penguin are unchanged', weight: 1, needs: 'vm' },
  { severity: 'WARNING', tag: cicerone, text: '[guest_metrics.cc:96] Metric report from penguin came late by {n} s', weight: 1, needs: 'vm' },
  { severity: 'INFO', tag: seneschal, text: '[service.cc:691] Server 1 for vsock:{cid}:16384: {n} shared paths', weight: 2, needs: 'vm' },
  { severity: 'ERR', tag: seneschal, text: '[service.cc:540] Requested path does not exist: MyFiles/Downloads/old', weight: 1, needs: 'vm' },
  { severity: 'INFO', tag: chunneld, text: '[chunneld.cc:263] Updated listening ports of penguin: 8222', weight: 2, needs: 'vm' },
  { severity: 'WARNING', tag: chunneld, text: '[socket_forwarder.cc:131] Connection to port {port} closed by peer', weight: 1, needs: 'vm' },
  { severity: 'DEBUG', tag: forwarder, text: '[log_pipe.cc:342] Flushed {n} records for cid {cid}', weight: 2, needs: 'vm' },
  { severity: 'INFO', tag: crosvm, text: '[devices/src/virtio/balloon.rs:388] balloon target {n} pages', weight: 3, needs: 'vm' },
  { severity: 'WARNING', tag: crosvm, text: '[devices/src/virtio/wl.rs:1290] wl device: fence wait took {n} ms', weight: 2, needs: 'vm' },
  { severity: 'ERR', tag: crosvm, text: '[devices/src/virtio/block/asynchronous.rs:512] failed executing request: Discard past end of disk', weight: 1, needs: 'vm' },
  { severity: 'INFO', tag: 'kernel', text: '{uptime} iwlwifi 0000:01:00.0: regulatory update: domain US', weight: 2 },
  { severity: 'WARNING', tag: 'kernel', text: '{uptime} cros-ec-dev cros-ec-dev.0: Some logs may have been dropped...', weight: 2 },
  { severity: 'ERR', tag: 'kernel', text: '{uptime} usb 1-3: device descriptor read/64, error -71', weight: 1 },
  { severity: 'NOTICE', tag: 'kernel', text: '{uptime} audit: type=1400 audit({n}.{n}:{n}): avc: denied read comm="crosvm" permissive=1', weight: 1, needs: 'vm' },
  { severity: 'INFO', tag: session, text: '[session_manager_impl.cc:1188] Liveness check answered', weight: 2 },
  { severity: 'INFO', tag: dlcservice, text: '[dlc_service.cc:402] State of termina-dlc: INSTALLED', weight: 2 },
  { severity: 'WARNING', tag: dlcservice, text: '[utils.cc:271] Update check skipped: no network route', weight: 1 },
  { severity: 'INFO', tag: 'powerd[1244]', text: '[state_controller.cc:1011] User activity reported', weight: 2 },
  { severity: 'DEBUG', tag: 'metrics_daemon[1811]', text: '[metrics_daemon.cc:655] Sent {n} samples', weight: 2 },
  { severity: 'CRIT', tag: 'powerd[1244]', text: '[battery.cc:88] Battery reports an implausible current of {big} uA', weight: 0.2 },
];

/** A line of Chrome's own log. INFO is not written unless somebody asks for it; ERROR is Chrome's word for ERR. */
export interface ChromeTemplate {
  readonly severity: 'WARNING' | 'ERROR' | 'VERBOSE1';
  readonly text: string;
  readonly weight: number;
}

// prettier-ignore
export const chromeTemplates: readonly ChromeTemplate[] = [
  { severity: 'WARNING', text: '[crostini_manager.cc(2210)] Ports of penguin changed, {n} active', weight: 3 },
  { severity: 'WARNING', text: '[guest_os_registry_service.cc(455)] No icon for app {n} of termina', weight: 2 },
  { severity: 'ERROR', text: '[wayland_display_observer.cc(91)] Client of termina went away with {n} surfaces', weight: 1 },
  { severity: 'VERBOSE1', text: '[terminal_private_api.cc(318)] Terminal {n} resized', weight: 1 },
];

export interface GuestTemplate {
  /** A syslog priority of facility user: 11 err, 12 warning, 13 notice, 14 info, 15 debug. */
  readonly priority: 11 | 12 | 13 | 14 | 15;
  readonly text: string;
  readonly weight: number;
}

/** Lines of the VM's log. Console lines are always priority 13 (facts 3.2); ESC arrives as #033. */
export const guestTemplates: readonly GuestTemplate[] = [
  { priority: 13, text: '{uptime} maitred: Received GetResizeBounds request', weight: 3 },
  { priority: 13, text: '{uptime} maitred: Resetting the clock, offset {n} ms', weight: 2 },
  { priority: 13, text: '{uptime} BTRFS info (device vdb): relocated {n} chunks', weight: 1 },
  { priority: 13, text: '{uptime} vshd: Accepted connection from cid 2 port {port}', weight: 2 },
  { priority: 13, text: '{slashdate} tremplin: received list of containers, {n} running', weight: 3 },
  { priority: 13, text: 'time="{isodate}" level=info msg="Done pruning expired instance backups"', weight: 2 },
  { priority: 13, text: '#033[33mlxd: slow query took {n} ms#033[0m', weight: 1 },
  { priority: 14, text: 'dhclient[201]: bound to 100.115.92.{n} -- renewal in {big} seconds.', weight: 2 },
  { priority: 14, text: 'dnsmasq[244]: read /etc/hosts - {n} addresses', weight: 2 },
  { priority: 12, text: 'ndproxyd[233]: dropped a neighbour advertisement of unexpected length {n}', weight: 1 },
  { priority: 11, text: 'lxd[258]: failed to refresh image alias debian/bookworm: no route to host', weight: 1 },
  { priority: 15, text: 'ntpd[219]: poll interval {n} s', weight: 1 },
];

/** The VM's console at start, with the seconds since its start. */
export const guestBootLines: readonly { readonly at: number; readonly text: string }[] = [
  { at: 0, text: 'Linux version {guestkernel} (chronos@localhost) #1 SMP PREEMPT_DYNAMIC' },
  {
    at: 0.000021,
    text: 'Command line: root=/dev/vda ro init=/sbin/init console=hvc0 pci=conf1 maitred.listen_port=8888',
  },
  { at: 0.103345, text: 'x86/fpu: Supporting XSAVE feature 0x001' },
  { at: 0.287761, text: 'virtio_blk virtio1: [vda] 1015808 512-byte logical blocks' },
  { at: 0.371882, text: 'EXT4-fs (vda): mounted filesystem without journal' },
  { at: 0.409112, text: 'maitred: Starting system log collector' },
  { at: 0.412345, text: 'maitred: Server listening on port 8888' },
  { at: 0.413007, text: 'maitred: Using startup listener port: 7777' },
  { at: 0.588213, text: 'maitred: Received StartTermina request' },
  { at: 1.034567, text: 'BTRFS info (device vdb): using crc32c checksum algorithm' },
  { at: 1.201943, text: 'BTRFS info (device vdb): disk space caching is enabled' },
  { at: 1.604418, text: 'lxdbr0: port 1(veth2f1c6d) entered blocking state' },
  { at: 1.604455, text: 'lxdbr0: port 1(veth2f1c6d) entered forwarding state' },
];

/** Journal lines of the container (penguin). */
export interface JournalTemplate {
  readonly priority: 3 | 4 | 5 | 6 | 7;
  readonly identifier: string;
  readonly pid: number;
  /** A unit of the user's systemd has `user: true`: garcon and sommelier are such (facts 3.4). */
  readonly unit: string;
  readonly user: boolean;
  readonly text: string;
  readonly weight: number;
}

// prettier-ignore
export const journalTemplates: readonly JournalTemplate[] = [
  { priority: 6, identifier: 'garcon', pid: 211, unit: 'cros-garcon.service', user: true, text: 'Updating application list, {n} entries', weight: 4 },
  { priority: 6, identifier: 'garcon', pid: 211, unit: 'cros-garcon.service', user: true, text: 'Connected to the host on vsock port 8889', weight: 2 },
  { priority: 4, identifier: 'garcon', pid: 211, unit: 'cros-garcon.service', user: true, text: 'Icon of org.example.Editor has no size {n}', weight: 1 },
  { priority: 3, identifier: 'garcon', pid: 211, unit: 'cros-garcon.service', user: true, text: 'Failed to watch /usr/local/share/applications: No such file or directory', weight: 1 },
  { priority: 6, identifier: 'sommelier', pid: 221, unit: 'sommelier@0.service', user: true, text: 'child process started, display wayland-0', weight: 2 },
  { priority: 4, identifier: 'sommelier', pid: 226, unit: 'sommelier-x@0.service', user: true, text: 'xwayland: ignored a configure of {n}x{n}', weight: 2 },
  { priority: 6, identifier: 'systemd', pid: 1, unit: 'init.scope', user: false, text: 'Starting Daily apt download activities...', weight: 1 },
  { priority: 6, identifier: 'systemd', pid: 1, unit: 'init.scope', user: false, text: 'Finished Daily apt download activities.', weight: 1 },
  { priority: 5, identifier: 'dbus-daemon', pid: 88, unit: 'dbus.service', user: false, text: '[system] Successfully activated service \'org.freedesktop.hostname1\'', weight: 1 },
  { priority: 6, identifier: 'CRON', pid: 402, unit: 'cron.service', user: false, text: '(root) CMD (   cd / && run-parts --report /etc/cron.hourly)', weight: 1 },
  { priority: 7, identifier: 'notificationd', pid: 219, unit: 'cros-notificationd.service', user: true, text: 'no pending notification', weight: 1 },
];
