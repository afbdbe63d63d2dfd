// What the rig uses of @homebridge/dbus-native; its own types describe the client side only.
declare module '@homebridge/dbus-native' {
  import type { EventEmitter } from 'node:events';

  interface Bus {
    readonly connection: EventEmitter<{ error: [Error]; end: [] }>;
    exportInterface(
      methods: Readonly<Record<string, (...args: unknown[]) => unknown>>,
      path: string,
      description: { name: string; methods: Record<string, [input: string, output: string]> },
    ): void;
    releaseName(name: string, callback: (error: { message: string } | null) => void): void;
    requestName(name: string, flags: number, callback: (error: { message: string } | null) => void): void;
  }
  export function createClient(options: { busAddress: string; authMethods: string[] }): Bus;
}
