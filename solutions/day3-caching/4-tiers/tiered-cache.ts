import { randomUUID } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Edge, Hit, Tier, TierOptions } from '#course/day3-caching/contracts/tiered-cache.ts';

interface Envelope {
  value: unknown;
  expiresMs: number;
}

/** Below this, gzip gains nothing worth its time. */
const COMPRESS_FROM_BYTES = 1000;
const PLAIN = 0;
const GZIPPED = 1;

/** Memory in front of a second tier, and the edge for media. Whatever happens behind it, a look-up ends in a hit or a miss. */
export class TieredCache {
  readonly ready: Promise<void>;
  readonly #remote: Tier;
  readonly #edge: Edge;
  readonly #options: TierOptions;
  readonly #name: string = randomUUID();
  readonly #memory = new Map<string, Envelope & { trustedUntilMs: number }>();
  readonly #reads = new Map<string, Promise<Envelope | 'miss' | 'unreachable'>>();

  constructor(remote: Tier, edge: Edge, options: TierOptions) {
    this.#remote = remote;
    this.#edge = edge;
    this.#options = options;
    this.ready = remote.subscribe((message) => this.#hear(message)).catch(() => {});
  }

  async get(key: string): Promise<Hit | undefined> {
    const strategy = this.#options.strategyFor(key);
    if (strategy === 'cdn-first') return this.#fromEdge(key);
    const copy = this.#memory.get(key);
    const isAlive = copy !== undefined && copy.expiresMs > Date.now();
    if (strategy === 'memory-first' && isAlive && copy.trustedUntilMs > Date.now())
      return { value: copy.value, from: 'memory' };
    const found = await this.#read(key);
    if (found === 'unreachable') return isAlive ? { value: copy.value, from: 'memory' } : undefined;
    return found === 'miss' ? undefined : { value: found.value, from: 'remote' };
  }

  async set(key: string, value: unknown, { ttlMs }: { ttlMs: number }): Promise<void> {
    const envelope = { value, expiresMs: Date.now() + ttlMs };
    const isMedia = this.#options.strategyFor(key) === 'cdn-first';
    await Promise.allSettled([
      this.#inTime(this.#remote.set(key, pack(envelope), ttlMs)),
      isMedia && this.#edge.put(key, value as Uint8Array, ttlMs),
    ]);
    this.#forget(key);
    if (!isMedia) this.#remember(key, envelope);
    await this.#tell(key);
  }

  async invalidate(key: string): Promise<void> {
    await this.#inTime(this.#remote.delete(key)).catch(() => {});
    this.#forget(key);
    await this.#tell(key);
  }

  /** A URL near the user; what the edge has lost is put back for the time that is left. */
  async #fromEdge(key: string): Promise<Hit | undefined> {
    try {
      if (!(await this.#edge.has(key))) {
        const found = await this.#read(key);
        if (typeof found === 'string') return undefined;
        await this.#edge.put(key, found.value as Uint8Array, found.expiresMs - Date.now());
      }
      return { value: this.#edge.url(key), from: 'edge' };
    } catch {
      return undefined;
    }
  }

  /** One read for all who wait for the key. If the key changed meanwhile, it is not remembered. */
  #read(key: string): Promise<Envelope | 'miss' | 'unreachable'> {
    const known = this.#reads.get(key);
    if (known) return known;
    const read = this.#inTime(this.#remote.get(key)).then(
      (bytes) => {
        const envelope = bytes && unpack(bytes);
        const isAlive = envelope && envelope.expiresMs > Date.now();
        if (this.#reads.get(key) === read) {
          this.#memory.delete(key);
          if (isAlive) this.#remember(key, envelope);
        }
        return isAlive ? envelope : 'miss';
      },
      () => 'unreachable' as const,
    );
    this.#reads.set(key, read);
    void read.finally(() => this.#reads.get(key) === read && this.#reads.delete(key));
    return read;
  }

  #remember(key: string, envelope: Envelope): void {
    this.#memory.set(key, { ...envelope, trustedUntilMs: Date.now() + this.#options.memoryTtlMs });
  }

  #forget(key: string): void {
    this.#memory.delete(key);
    this.#reads.delete(key);
  }

  async #tell(key: string): Promise<void> {
    await this.#inTime(this.#remote.publish(`${this.#name} ${key}`)).catch(() => {});
  }

  #hear(message: string): void {
    const at = message.indexOf(' ');
    if (message.slice(0, at) !== this.#name) this.#forget(message.slice(at + 1));
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new Error(`no answer in ${this.#options.remoteTimeoutMs} ms`));
      const timer = setTimeout(tooLate, this.#options.remoteTimeoutMs);
      work.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}

function pack(envelope: Envelope): Uint8Array {
  const plain = serialize(envelope);
  const zipped = plain.length >= COMPRESS_FROM_BYTES ? gzipSync(plain) : plain;
  const isSmaller = zipped.length < plain.length;
  return Buffer.concat([Uint8Array.of(isSmaller ? GZIPPED : PLAIN), isSmaller ? zipped : plain]);
}

/** The envelope, or undefined for bytes that are none. */
function unpack(bytes: Uint8Array): Envelope | undefined {
  try {
    const content = bytes.subarray(1);
    const envelope = deserialize(bytes[0] === GZIPPED ? gunzipSync(content) : content);
    return typeof envelope.expiresMs === 'number' && 'value' in envelope ? envelope : undefined;
  } catch {
    return undefined;
  }
}
