import * as v from 'valibot';
import { load, save } from '#lib/client/storage.ts';

const schema = v.object({ title: v.string(), path: v.string() });

/** Where somebody left off: the sheet or component looked at last. */
export function lastPage(): v.InferOutput<typeof schema> | undefined {
  return load(localStorage, 'last-page', schema);
}

/** Remembers a page to go back to. `path` holds selections, never a value that belongs to a device. */
export function rememberPage(title: string, path: string): void {
  save(localStorage, 'last-page', { title, path });
}
