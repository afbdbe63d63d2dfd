import type { Transport } from './link.ts';

/** Transports that are drawn alike. */
export type TransportFamily = 'dbus' | 'grpc' | 'vsock' | 'display' | 'socket' | 'start' | 'syslog' | 'build';

/** In the order of the diagram's legend. */
export const TRANSPORT_FAMILIES: readonly TransportFamily[] = [
  'dbus',
  'grpc',
  'vsock',
  'display',
  'socket',
  'start',
  'syslog',
  'build',
];

const FAMILY_OF: Readonly<Record<Transport, TransportFamily>> = {
  dbus: 'dbus',
  'dbus-signal': 'dbus',
  'dbus-session': 'dbus',
  'grpc-vsock': 'grpc',
  vsock: 'vsock',
  '9p-vsock': 'vsock',
  'virtio-gpu': 'display',
  wayland: 'display',
  syslog: 'syslog',
  'unix-dgram': 'socket',
  'rest-unix': 'socket',
  tcp: 'socket',
  exec: 'start',
  lxc: 'start',
  'in-process': 'start',
  package: 'build',
  build: 'build',
};

export function familyOf(transport: Transport): TransportFamily {
  return FAMILY_OF[transport];
}
