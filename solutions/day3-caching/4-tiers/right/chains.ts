import { EventEmitter } from 'node:events';
import v8 from 'node:v8';
import zlib from 'node:zlib';
import type { Edge, Hit, Tier, TierOptions } from '#course/day3-caching/contracts/tiered-cache.ts';

type Entry = { value: unknown; expiresMs: number };

const ABSENT = Symbol('absent');
const DOWN = Symbol('down');

/** Promise chains; every change of a key is an event, and whatever is under way for the key listens to it. */
export class TieredCache {
  readonly ready: Promise<void>;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  readonly #memory = new Map<string, Entry & { freshMs: number }>();
  readonly #flights = new Map<string, Promise<Entry | symbol>>();
  readonly #id = `${process.pid}.${performance.now()}.${Math.random()}`;

  readonly remote: Tier;
  readonly edge: Edge;
  readonly options: TierOptions;

  constructor(remote: Tier, edge: Edge, options: TierOptions) {
    this.remote = remote;
    this.edge = edge;
    this.options = options;
    this.#changes.on('change', (key: string) => {
      this.#memory.delete(key);
      this.#flights.delete(key);
    });
    this.ready = remote
      .subscribe((message) => {
        const { id, key } = JSON.parse(message);
        if (id !== this.#id) this.#changes.emit('change', key);
      })
      .then(undefined, () => undefined);
  }

  get(key: string): Promise<Hit | undefined> {
    const strategy = this.options.strategyFor(key);
    if (strategy === 'cdn-first') {
      const hit: Hit = { value: this.edge.url(key), from: 'edge' };
      return this.edge
        .has(key)
        .then((isThere) => {
          if (isThere) return hit;
          return this.#fetch(key).then((entry) =>
            typeof entry === 'symbol'
              ? undefined
              : this.edge.put(key, entry.value as Uint8Array, entry.expiresMs - Date.now()).then(() => hit),
          );
        })
        .catch(() => undefined);
    }
    const own = this.#memory.get(key);
    if (strategy === 'memory-first' && own && own.expiresMs > Date.now() && own.freshMs > Date.now())
      return Promise.resolve({ value: own.value, from: 'memory' });
    return this.#fetch(key).then((entry): Hit | undefined => {
      if (typeof entry !== 'symbol') return { value: entry.value, from: 'remote' };
      const copy = this.#memory.get(key);
      return strategy === 'remote-first' && entry === DOWN && copy && copy.expiresMs > Date.now()
        ? { value: copy.value, from: 'memory' }
        : undefined;
    });
  }

  set(key: string, value: unknown, { ttlMs }: { ttlMs: number }): Promise<void> {
    const entry = { value, expiresMs: Date.now() + ttlMs };
    const isMedia = this.options.strategyFor(key) === 'cdn-first';
    return Promise.allSettled([
      this.#timed(this.remote.set(key, write(entry), ttlMs)),
      ...(isMedia ? [this.edge.put(key, value as Uint8Array, ttlMs)] : []),
    ]).then(() => {
      this.#changes.emit('change', key);
      if (!isMedia) this.#memory.set(key, { ...entry, freshMs: Date.now() + this.options.memoryTtlMs });
      return this.#publish(key);
    });
  }

  invalidate(key: string): Promise<void> {
    return this.#timed(this.remote.delete(key))
      .catch(() => {})
      .then(() => {
        this.#changes.emit('change', key);
        return this.#publish(key);
      });
  }

  #publish(key: string): Promise<void> {
    return this.#timed(this.remote.publish(JSON.stringify({ id: this.#id, key }))).catch(() => {});
  }

  #fetch(key: string): Promise<Entry | symbol> {
    const under = this.#flights.get(key);
    if (under) return under;
    let isCurrent = true;
    const outdate = (changed: string) => {
      if (changed === key) isCurrent = false;
    };
    this.#changes.on('change', outdate);
    const flight = this.#timed(this.remote.get(key))
      .then((bytes) => bytes && read(bytes))
      .then((entry) => (entry && entry.expiresMs > Date.now() ? entry : ABSENT))
      .catch(() => DOWN)
      .then((entry) => {
        if (isCurrent && typeof entry === 'object')
          this.#memory.set(key, { ...entry, freshMs: Date.now() + this.options.memoryTtlMs });
        if (isCurrent && entry === ABSENT) this.#memory.delete(key);
        return entry;
      })
      .finally(() => {
        this.#changes.off('change', outdate);
        if (isCurrent) this.#flights.delete(key);
      });
    this.#flights.set(key, flight);
    return flight;
  }

  #timed<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('too slow')), this.options.remoteTimeoutMs);
      work.then(resolve, reject).then(() => clearTimeout(timer));
    });
  }
}

const ZIP = 'Z'.charCodeAt(0);
const RAW = 'R'.charCodeAt(0);

function write(entry: Entry): Uint8Array {
  const raw = v8.serialize([entry.expiresMs, entry.value]);
  const zip = zlib.brotliCompressSync(raw, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 6 } });
  return zip.length < raw.length ? Buffer.from([ZIP, ...zip]) : Buffer.from([RAW, ...raw]);
}

function read(bytes: Uint8Array): Entry | undefined {
  try {
    if (bytes[0] !== ZIP && bytes[0] !== RAW) return undefined;
    const [expiresMs, value] = v8.deserialize(
      bytes[0] === ZIP ? zlib.brotliDecompressSync(bytes.subarray(1)) : bytes.subarray(1),
    );
    return Number.isFinite(expiresMs) ? { expiresMs, value } : undefined;
  } catch {
    return undefined;
  }
}
