import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { PoolRunnerInitializer, PoolWorker } from 'vitest/node';

const ENTRY = fileURLToPath(new URL('../worker/entry.mjs', import.meta.url));

export interface WarmThreads {
  pool: PoolRunnerInitializer;
  /** Starts the next thread ahead, if none is. */
  warmUp(): void;
}

/**
 * Threads for checks, of which one is started ahead: it has loaded vitest, the SDK, MSW and what is in `preload` by the
 * time it is needed. Each grades once, so nothing of one subject is left for the next.
 */
export function warmThreads(preload: readonly string[]): WarmThreads {
  let spare: Worker | undefined;
  const warmUp = () => {
    spare ??= startThread(preload);
  };
  warmUp();
  const createPoolWorker = () => {
    const thread = spare ?? startThread(preload);
    spare = undefined;
    return poolWorker(thread);
  };
  return { pool: { name: 'workbook-threads', createPoolWorker }, warmUp };
}

/** What vitest would give its own threads. */
function startThread(preload: readonly string[]): Worker {
  const env = { ...process.env, TEST: 'true', VITEST: 'true', VITEST_MODE: 'RUN', FORCE_TTY: '' };
  return new Worker(ENTRY, {
    env,
    workerData: { preload },
    execArgv: ['--experimental-import-meta-resolve', '--no-warnings'],
  });
}

function poolWorker(thread: Worker): PoolWorker {
  return {
    name: 'workbook-threads',
    on: (event, callback) => thread.on(event, callback),
    off: (event, callback) => thread.off(event, callback),
    send: (message) => thread.postMessage(message),
    deserialize: (data) => data,
    start: async () => {},
    async stop() {
      await thread.terminate();
    },
  };
}
