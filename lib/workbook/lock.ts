import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { StorageError } from './storage.ts';

const STALE_MS = 3000;
const WAIT_MS = 20;
const GIVE_UP_MS = 10_000;

/** Runs `body` while no other process does so under the same path. `what` is named when the lock cannot be had. */
export function withLock<T>(path: string, what: string, body: () => T): T {
  const owner = `${process.pid} ${randomUUID()}`;
  take(path, owner, what);
  try {
    return body();
  } finally {
    // A lock that was taken for a dead one's belongs to somebody else now.
    if (ownerOf(path) === owner) rmSync(path, { force: true });
  }
}

/** A file that must not be there yet is the lock; what it says is whose it is. */
function take(path: string, owner: string, what: string): void {
  mkdirSync(dirname(path), { recursive: true });
  for (let waitedMs = 0; ; waitedMs += WAIT_MS) {
    try {
      writeFileSync(path, owner, { flag: 'wx' });
      return;
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      // A full disk took the name and not what it should say.
      if (syscall === 'write') rmSync(path, { force: true });
      // Windows answers EPERM while another process removes the file.
      if (code !== 'EEXIST' && !(code === 'EPERM' && process.platform === 'win32')) throw error;
      if (waitedMs > GIVE_UP_MS)
        throw new StorageError(`${what} is locked, and stays so: delete ${path} and try again.`);
      removeIfStale(path);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

/** Nobody holds it for long, so one from long ago, or from the future of a clock that was wrong, is left over. */
function removeIfStale(path: string): void {
  const found = ownerOf(path);
  const { mtimeMs = Date.now() } = statSync(path, { throwIfNoEntry: false }) ?? {};
  if (Math.abs(Date.now() - mtimeMs) <= STALE_MS) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    renameSync(path, aside);
    // Between the look and the move another process may have removed it and made its own.
    if (ownerOf(aside) === found) rmSync(aside, { recursive: true, force: true });
    else renameSync(aside, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EROFS' || code === 'EACCES') throw error;
    // Otherwise its owner has just released it.
  }
}

function ownerOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // It is gone, or the folder that an older edition made.
  }
}
