import { existsSync, readFileSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { decodeVmName, encodeVmName } from './vm-log.ts';
import type { Disk } from './world.ts';

/** What a disk's file does not say: ChromeOS keeps it in extended attributes, which not every file system here has. */
const attributesSchema = v.object({ type: v.picklist(['crostini', 'baguette']), isSparse: v.boolean() });

/** The disks of one user: a sparse file each, named as their logs are (chromeos-facts.md section 3.1). */
export class Disks {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #image(name: string): string {
    return join(this.#folder, `${encodeVmName(name)}.img`);
  }

  #attributes(name: string): string {
    return join(this.#folder, `.${encodeVmName(name)}.json`);
  }

  /** Whether there never was a disk. True once. */
  isFresh(): boolean {
    const mark = join(this.#folder, '.used');
    if (existsSync(mark)) return false;
    writeFileSync(mark, '');
    return true;
  }

  list(): (Disk & { readonly name: string })[] {
    return readdirSync(this.#folder)
      .filter((entry) => entry.endsWith('.img'))
      .map((entry) => decodeVmName(entry.slice(0, -'.img'.length)))
      .map((name) => ({
        name,
        bytes: statSync(this.#image(name)).size,
        ...v.parse(attributesSchema, JSON.parse(readFileSync(this.#attributes(name), 'utf8'))),
      }));
  }

  /** False if there is one of this name. */
  create(name: string, { bytes, type, isSparse }: Disk): boolean {
    if (existsSync(this.#image(name))) return false;
    writeFileSync(this.#attributes(name), JSON.stringify({ type, isSparse }));
    writeFileSync(this.#image(name), '', { mode: 0o600 });
    truncateSync(this.#image(name), bytes);
    return true;
  }

  /** False if there is none of this name. */
  resize(name: string, bytes: number): boolean {
    if (!existsSync(this.#image(name))) return false;
    truncateSync(this.#image(name), bytes);
    return true;
  }

  /** False if there is none of this name. */
  remove(name: string): boolean {
    if (!existsSync(this.#image(name))) return false;
    for (const path of [this.#image(name), this.#attributes(name)]) rmSync(path);
    return true;
  }
}
