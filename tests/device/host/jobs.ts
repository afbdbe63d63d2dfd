import type { JobDefinition } from './upstart.ts';

const job = (name: string, startOn: string, stopOn: string, more: Partial<JobDefinition> = {}): JobDefinition => ({
  name,
  startOn,
  stopOn,
  hasProcess: true,
  ...more,
});

/**
 * The jobs of the device: those about VMs as chromeos-facts.md section 6 has them, and enough of the others for their
 * events. Nothing about VMs runs before somebody signs in; signing out stops it all.
 */
export const JOBS: readonly JobDefinition[] = [
  job('boot-services', 'startup', '', { hasProcess: false }),
  // Its process is the session manager: it is up when that answers on the bus.
  job('ui', 'started boot-services', 'stopping boot-services', { respawn: true, expect: true }),
  job('system-services', 'started ui', 'stopping boot-services', { hasProcess: false }),
  job('dlcservice', 'started system-services', 'stopping system-services', { respawn: true }),
  job('powerd', 'started system-services', 'stopping system-services', { respawn: true }),
  job('shill', 'started boot-services', 'stopping boot-services', { respawn: true }),
  job('patchpanel', 'started shill', 'stopping boot-services', { respawn: true }),
  job('permission_broker', 'starting system-services', 'stopping system-services', { respawn: true }),
  job('anomaly-detector', 'started system-services', 'stopping system-services', { respawn: true }),
  // The real rsyslogd is started with the device; this is its job for those who ask.
  job('syslog', 'starting boot-services', 'stopping boot-services', { respawn: true }),
  // A shim behind a feature flag; its start lets concierge start before a session does.
  job('vm_concierge_nodefer', 'start-user-session', 'started vm_concierge', { hasProcess: false }),
  job('vm_concierge', 'started vm_concierge_nodefer or started-user-session', 'stopping ui', { respawn: true }),
  job('vm_cicerone', 'started vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job('chunneld', 'started vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job('vhost_user_starter', 'started vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job('seneschal', 'starting vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job('crosdns', 'starting vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job('vmlog_forwarder', 'starting vm_concierge', 'stopped vm_concierge', { respawn: true }),
  job(
    'shadercached',
    'started system-services and started vm_concierge',
    'stopping system-services and stopped vm_concierge',
    { respawn: true },
  ),
];
