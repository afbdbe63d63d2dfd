import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/**
 * The process of the practice devices. The relay starts it and speaks with it through stdin and stdout. Its main thread
 * runs the devices. A second thread, from this same file, watches the main one, which a single command may occupy for good.
 */
if (isMainThread) {
  const { serve } = await import('./serve.ts');
  serve(fileURLToPath(import.meta.url));
} else {
  const { watchMainThread } = await import('./watchdog.ts');
  watchMainThread();
}
