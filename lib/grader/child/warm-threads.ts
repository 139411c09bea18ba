import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PoolRunnerInitializer, PoolWorker } from 'vitest/node';

const ENTRY = fileURLToPath(new URL('../worker/entry.mjs', import.meta.url));

/**
 * Threads for checks, of which one is always started ahead: it has loaded vitest, the SDK and MSW by the time it is
 * needed. Each grades once, so nothing of one subject is left for the next.
 */
export function warmThreads(): PoolRunnerInitializer {
  let spare: Worker | undefined = startThread();
  return {
    name: 'workbook-threads',
    createPoolWorker() {
      const thread = spare ?? startThread();
      spare = undefined;
      return poolWorker(thread, () => {
        spare ??= startThread();
      });
    },
  };
}

/** What vitest would give its own threads. */
function startThread(): Worker {
  const env = { ...process.env, TEST: 'true', VITEST: 'true', VITEST_MODE: 'RUN', FORCE_TTY: '' };
  return new Worker(ENTRY, { env, execArgv: ['--experimental-import-meta-resolve', '--no-warnings'] });
}

function poolWorker(thread: Worker, onStop: () => void): PoolWorker {
  return {
    name: 'workbook-threads',
    on: (event, callback) => thread.on(event, callback),
    off: (event, callback) => thread.off(event, callback),
    send: (message) => thread.postMessage(message),
    deserialize: (data) => data,
    start: async () => {},
    async stop() {
      await thread.terminate();
      onStop();
    },
  };
}
