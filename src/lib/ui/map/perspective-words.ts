import type { Perspective } from '#lib/domain/perspective.ts';

/** What the map says about each perspective. */
export const PERSPECTIVE_WORDS: Readonly<Record<Perspective, { readonly label: string; readonly about: string }>> = {
  runs: {
    label: 'Where it runs',
    about: 'Every component in its lane, and all that goes between them while Linux runs, except log lines.',
  },
  rpc: {
    label: 'RPC',
    about: 'Who calls whom: D-Bus within the host, gRPC over vsock between host and guest, REST to LXD.',
  },
  ships: {
    label: 'How it ships',
    about: 'How a change of each component gets to a device, and what is compiled or packaged into what.',
  },
  logs: {
    label: 'Where it logs',
    about: 'Which log has the lines of each component, and the way they take to it.',
  },
};
