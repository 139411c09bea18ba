import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { open, type RootDatabase } from 'lmdb';
import type { Tier } from './tier.ts';

/** Messages between nodes of this process; other processes on the same files do not hear them. */
const buses = new Map<string, EventEmitter>();

const EXPIRY_BYTES = 8;
/** LMDB takes keys of up to 1,978 bytes. */
const LONGEST_KEY = 1000;

/**
 * A second tier in a folder, with nothing to start: LMDB, read through the page cache. Reads and writes are synchronous, so
 * they take no time of a virtual clock. Survives a restart; serves the processes of one machine.
 */
export function createDiskTier(folder: string): Tier {
  // A cache may lose its last writes in a power cut, so it need not wait for the disk.
  const database: RootDatabase<Buffer, string> = open({ path: folder, encoding: 'binary', noSync: true });
  const bus = buses.get(folder) ?? new EventEmitter().setMaxListeners(0);
  buses.set(folder, bus);
  const own = new Set<(message: string) => void>();
  let isOpen = true;

  return {
    async get(key) {
      // Reads see the state of the last turn of the event loop; another node may have written since.
      database.resetReadTxn();
      const row = database.get(nameOf(key));
      if (!row || row.length < EXPIRY_BYTES) return undefined;
      if (row.readDoubleLE(0) > Date.now()) return row.subarray(EXPIRY_BYTES);
      database.removeSync(nameOf(key));
      return undefined;
    },
    async set(key, bytes, ttlMs) {
      const row = Buffer.alloc(EXPIRY_BYTES + bytes.length);
      row.writeDoubleLE(Date.now() + ttlMs);
      row.set(bytes, EXPIRY_BYTES);
      database.putSync(nameOf(key), row);
    },
    async delete(key) {
      database.removeSync(nameOf(key));
    },
    async publish(message) {
      bus.emit('message', message);
    },
    async subscribe(listener) {
      own.add(listener);
      bus.on('message', listener);
    },
    async close() {
      for (const listener of own) bus.off('message', listener);
      if (!isOpen) return;
      isOpen = false;
      await database.close();
    },
  };
}

function nameOf(key: string): string {
  if (Buffer.byteLength(key) <= LONGEST_KEY) return `k ${key}`;
  return `h ${createHash('sha256').update(key).digest('hex')}`;
}
