import { readFileSync } from 'node:fs';
import { residentBytes } from '../relay/process-cost.ts';

/** How often memory is looked at, in ms. */
const EVERY_MS = 50;

/** Looks at the memory of a process and of those below it, until it is stopped. */
export class MemoryWatch {
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;
  #before = { own: 0, below: 0 };
  #peak = { own: 0, below: 0 };

  constructor(pid: number, onSample: (bytes: number) => void) {
    this.#pid = pid;
    this.#before = this.#peak = this.#look();
    this.#timer = setInterval(() => {
      const now = this.#look();
      this.#peak = { own: Math.max(this.#peak.own, now.own), below: Math.max(this.#peak.below, now.below) };
      onSample(now.own + now.below);
    }, EVERY_MS);
  }

  /** Growth counts from here. */
  reset(): void {
    this.#before = this.#peak = this.#look();
  }

  /** In MB, at its highest: of the process, and of those below it. */
  get growth(): { readonly own: number; readonly below: number } {
    const of = (part: 'own' | 'below'): number => (this.#peak[part] - this.#before[part]) / 1e6;
    return { own: of('own'), below: of('below') };
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): { own: number; below: number } {
    return { own: bytesOf(this.#pid), below: childrenOf(this.#pid).reduce((sum, child) => sum + treeBytes(child), 0) };
  }
}

function treeBytes(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + treeBytes(child), bytesOf(pid));
}

/** 0 for one that is gone. */
function bytesOf(pid: number): number {
  try {
    return residentBytes(pid);
  } catch {
    return 0;
  }
}

function childrenOf(pid: number): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
