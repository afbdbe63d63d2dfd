import { signedInSchema } from '#lib/protocol/http.ts';
import { load, save } from './storage.ts';

/** For a browser that lets nothing be stored. */
let unsaved = '';

/** The key of this browser's sign-in, for every request; empty while there is none. All windows of an origin share it. */
export function loadKey(): string {
  return load(localStorage, 'key', signedInSchema.entries.key) ?? unsaved;
}

export function saveKey(key: string): void {
  unsaved = key;
  save(localStorage, 'key', key);
}
