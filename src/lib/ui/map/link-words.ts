import type { Link, Transport } from '#lib/domain/link.ts';
import type { TransportFamily } from '#lib/domain/transport-family.ts';

/** A transport in one word, for a box of the diagram, and in full. */
export const TRANSPORT_WORDS: Readonly<Record<Transport, { readonly short: string; readonly full: string }>> = {
  dbus: { short: 'D-Bus', full: 'D-Bus' },
  'dbus-signal': { short: 'D-Bus signal', full: 'D-Bus signal' },
  'dbus-session': { short: 'D-Bus', full: 'D-Bus, session bus of the container' },
  'grpc-vsock': { short: 'gRPC', full: 'gRPC over vsock' },
  vsock: { short: 'vsock', full: 'vsock' },
  '9p-vsock': { short: '9P', full: '9P over vsock' },
  'virtio-gpu': { short: 'virtio-gpu', full: 'virtio-gpu' },
  wayland: { short: 'Wayland', full: 'Wayland' },
  syslog: { short: 'syslog', full: 'syslog' },
  'unix-dgram': { short: 'datagrams', full: 'datagrams over a Unix socket' },
  'rest-unix': { short: 'REST', full: 'REST over a Unix socket' },
  tcp: { short: 'TCP', full: 'TCP on localhost' },
  exec: { short: 'starts it', full: 'starts it' },
  lxc: { short: 'LXC', full: 'LXC' },
  'in-process': { short: 'loads it', full: 'loads it' },
  package: { short: 'packages', full: 'packages for it' },
  build: { short: 'compiled in', full: 'compiled in' },
};

/** What a line style of the diagram stands for. */
export const FAMILY_WORDS: Readonly<Record<TransportFamily, string>> = {
  dbus: 'D-Bus',
  grpc: 'gRPC over vsock',
  vsock: 'vsock, 9P',
  display: 'Wayland, virtio-gpu',
  socket: 'TCP, Unix sockets',
  start: 'starts or loads',
  syslog: 'syslog',
  build: 'compiled or packaged in',
};

/** The port as the diagram writes it, e.g. `:8888`, `:10000+`, `:≥1024`; undefined where there is no fixed one. */
export function portWord({ port = '' }: Link): string | undefined {
  const [, from = '', number, to = ''] = /^(>=)?(\d+)(-\d+)?/.exec(port) ?? [];
  return number && `:${from && '≥'}${number}${to && '+'}`;
}

/** The last part of its gRPC service or D-Bus name, e.g. `Maitred`; of several names the first. */
export function interfaceWord({ service, busName }: Link): string | undefined {
  return (service ?? busName)?.split(',')[0]?.split('.').at(-1);
}

/** Everything that tells a link from others, without its ends and its transport: service or bus name, port. */
export function linkFacts({ service, busName, port }: Link): string {
  return [service, busName, port && `port ${port.replace('>=', '≥')}`].filter((fact) => fact !== undefined).join(' · ');
}

/**
 * What stands in a neighbour's box, in two lines at most: each link between the focused component and it, from the
 * focus' point of view.
 */
export function neighbourLines(focus: string, links: readonly Link[]): string[] {
  const [first] = links;
  const lines = links.map((link) =>
    [link.from === focus ? '→' : '←', TRANSPORT_WORDS[link.transport].short, portWord(link)].filter(Boolean).join(' '),
  );
  if (links.length === 1 && first) return [...lines, ...[interfaceWord(first)].filter((word) => word !== undefined)];
  return lines.length > 2 ? [...lines.slice(0, 1), `and ${lines.length - 1} more`] : lines;
}
