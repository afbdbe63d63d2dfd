import * as v from 'valibot';

/** Keys carry the app's name: other tools on 127.0.0.1 share the storage when the port is the same. */
const PREFIX = 'crostini-workbench:';

/** What a browser storage holds under a key, or undefined when it is missing, unreadable or of another shape. */
export function load<Schema extends v.GenericSchema>(
  storage: Storage,
  key: string,
  schema: Schema,
): v.InferOutput<Schema> | undefined {
  try {
    const text = storage.getItem(PREFIX + key);
    if (text === null) return undefined;
    const result = v.safeParse(schema, JSON.parse(text));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}

/** Stores a value; undefined removes it. A full or forbidden storage only means that it is not remembered. */
export function save(storage: Storage, key: string, value: unknown): void {
  try {
    if (value === undefined) storage.removeItem(PREFIX + key);
    else storage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Private windows and full disks: the app works without memory.
  }
}
