import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const STALE_MS = 3000;
const WAIT_MS = 20;
const GIVE_UP_MS = 10_000;

/** Runs `body` while no other process does so under the same path. `what` is named when the lock cannot be had. */
export function withLock<T>(path: string, what: string, body: () => T): T {
  const release = lock(path, what);
  try {
    return body();
  } finally {
    release();
  }
}

/** A folder is the lock: making one either works or fails, on every file system. */
function lock(path: string, what: string): () => void {
  mkdirSync(dirname(path), { recursive: true });
  for (let waitedMs = 0; ; waitedMs += WAIT_MS) {
    try {
      mkdirSync(path);
      return () => rmdirSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (waitedMs > GIVE_UP_MS)
        throw new Error(`${what} is locked, and stays so: delete ${path} and try again.`);
      removeIfStale(path);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

function removeIfStale(path: string): void {
  try {
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) rmdirSync(path);
  } catch {
    // Its owner has just released it.
  }
}
