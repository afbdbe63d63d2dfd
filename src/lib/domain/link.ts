/** What carries a link. */
export type Transport =
  | 'dbus'
  | 'dbus-signal'
  | 'dbus-session'
  | 'grpc-vsock'
  | 'vsock'
  | '9p-vsock'
  | 'virtio-gpu'
  | 'wayland'
  | 'syslog'
  | 'unix-dgram'
  | 'rest-unix'
  | 'tcp'
  | 'exec'
  | 'lxc'
  | 'in-process'
  | 'package'
  | 'build';

/** One edge of the services diagram. It points from whoever begins (the client) to whoever answers; signals go with it. */
export interface Link {
  /** Component ids. */
  readonly from: string;
  readonly to: string;
  /** `build`: compiled or packaged in, nothing at run time. */
  readonly kind: 'runtime' | 'build';
  readonly transport: Transport;
  /** One phrase, our own words: what goes over it. */
  readonly what: string;
  /** Protocol file, below platform2. */
  readonly proto?: string;
  /** Full name of the gRPC service. */
  readonly service?: string;
  /** Well-known D-Bus name of whoever answers; more than one with a comma and a space between. */
  readonly busName?: string;
  /** A vsock or TCP port as text: a number, a range (`10000-19999 …`, `>=1024`), or `ephemeral`. */
  readonly port?: string;
  /** File of the ChromeOS sources that it was read in. */
  readonly source: string;
}
