// Loaded before the relay under test: looks at every EventEmitter that the process makes. SIGUSR2 writes to the file of
// EMITTERS which of them had no error listener at the end of the turn that made them, or has none now.
import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';

/** @type {Map<string, { count: number, made: string }>} */
const bare = new Map();
/** @type {Map<WeakRef<EventEmitter>, string>} */
const made = new Map();
let count = 0;

/** @param {EventEmitter} emitter @param {string} stack */
function look(emitter, stack) {
  if (emitter.listenerCount('error') > 0 || ('destroyed' in emitter && emitter.destroyed === true)) return;
  const name = emitter.constructor.name;
  bare.set(name, { count: (bare.get(name)?.count ?? 0) + 1, made: stack });
}

// Every constructor of an emitter calls it. It is public in effect, but not in the types.
const hooked = /** @type {{ init: Function }} */ (/** @type {unknown} */ (EventEmitter));
const { init } = hooked;
/** @this {EventEmitter} @param {unknown[]} options */
function initAndWatch(...options) {
  init.apply(this, options);
  count++;
  const { stack = '' } = new Error('made');
  made.set(new WeakRef(this), stack);
  setImmediate(() => look(this, stack));
}
hooked.init = initAndWatch;

process.on('SIGUSR2', () => {
  for (const [reference, stack] of made) {
    const emitter = reference.deref();
    if (emitter) look(emitter, stack);
    else made.delete(reference);
  }
  writeFileSync(process.env.EMITTERS ?? '', JSON.stringify({ count, bare: Object.fromEntries(bare) }));
});
