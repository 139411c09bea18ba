import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import type { Edge, Hit, Tier, TierOptions } from '#course/day3-caching/contracts/tiered-cache.ts';

type Copy = { value: unknown; expiresMs: number; trustMs: number };

/** JSON that knows dates, maps and bytes, behind the expiry in front of it; Brotli where it helps. */
const codec = {
  encode(value: unknown, expiresMs: number): Uint8Array {
    const json = JSON.stringify(tagged(value));
    const plain = Buffer.from(`${expiresMs}|${json}`);
    if (plain.length < 500) return Buffer.concat([Buffer.from('p'), plain]);
    const squeezed = brotliCompressSync(plain, { params: { 1: 5 } });
    return squeezed.length < plain.length
      ? Buffer.concat([Buffer.from('b'), squeezed])
      : Buffer.concat([Buffer.from('p'), plain]);
  },
  decode(bytes: Uint8Array): { value: unknown; expiresMs: number } | undefined {
    try {
      const kind = String.fromCharCode(bytes[0] ?? 0);
      if (kind !== 'p' && kind !== 'b') return undefined;
      const body = bytes.subarray(1);
      const text = (kind === 'b' ? brotliDecompressSync(body) : Buffer.from(body)).toString();
      const bar = text.indexOf('|');
      const expiresMs = Number(text.slice(0, bar));
      return expiresMs > 0 ? { expiresMs, value: untagged(JSON.parse(text.slice(bar + 1))) } : undefined;
    } catch {
      return undefined;
    }
  },
};

function tagged(value: unknown): unknown {
  if (value instanceof Date) return ['date', value.getTime()];
  if (value instanceof Map) return ['map', [...value].map(([k, v]) => [tagged(k), tagged(v)])];
  if (value instanceof Uint8Array) return ['bytes', Buffer.from(value).toString('latin1')];
  if (Array.isArray(value)) return ['list', value.map(tagged)];
  if (typeof value !== 'object' || value === null) return value;
  return ['object', Object.entries(value).map(([k, v]) => [k, tagged(v)])];
}

function untagged(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [kind, content] = value as [string, never];
  const pairs = () => (content as [unknown, unknown][]).map(([k, v]) => [untagged(k), untagged(v)] as const);
  if (kind === 'date') return new Date(content);
  if (kind === 'map') return new Map(pairs());
  if (kind === 'bytes') return Uint8Array.from(Buffer.from(content as string, 'latin1'));
  if (kind === 'list') return (content as unknown[]).map(untagged);
  return Object.fromEntries(pairs() as [string, unknown][]);
}

/** Functions instead of methods: each step returns what is known so far, or nothing. */
export class TieredCache {
  readonly ready: Promise<void>;
  readonly #me = Math.random().toString(36).slice(2);
  readonly #copies = new Map<string, Copy>();
  readonly #asking = new Map<string, Promise<Copy | null | undefined>>();
  readonly #tiers: [Tier, Edge, TierOptions];

  constructor(...tiers: [remote: Tier, edge: Edge, options: TierOptions]) {
    this.#tiers = tiers;
    this.ready = tiers[0]
      .subscribe((message) => {
        const { from, key } = JSON.parse(message);
        if (from === this.#me) return;
        this.#copies.delete(key);
        this.#asking.delete(key);
      })
      .catch(() => {});
  }

  async get(key: string): Promise<Hit | undefined> {
    const [, edge, { strategyFor }] = this.#tiers;
    const strategy = strategyFor(key);
    const nowMs = Date.now();
    if (strategy === 'cdn-first') {
      try {
        if (!(await edge.has(key))) {
          const origin = await this.#ask(key);
          if (!origin) return undefined;
          await edge.put(key, origin.value as Uint8Array, origin.expiresMs - Date.now());
        }
        return { value: edge.url(key), from: 'edge' };
      } catch {
        return undefined;
      }
    }
    const copy = this.#copies.get(key);
    const lives = copy && copy.expiresMs > nowMs ? copy : undefined;
    if (strategy === 'memory-first' && lives && lives.trustMs > nowMs)
      return { value: lives.value, from: 'memory' };
    const answer = await this.#ask(key);
    if (answer) return { value: answer.value, from: 'remote' };
    return answer === undefined && lives ? { value: lives.value, from: 'memory' } : undefined;
  }

  async set(key: string, value: unknown, { ttlMs }: { ttlMs: number }): Promise<void> {
    const [remote, edge, { strategyFor, memoryTtlMs }] = this.#tiers;
    const expiresMs = Date.now() + ttlMs;
    await this.#try(remote.set(key, codec.encode(value, expiresMs), ttlMs));
    this.#asking.delete(key);
    if (strategyFor(key) === 'cdn-first') await edge.put(key, value as Uint8Array, ttlMs).catch(() => {});
    else this.#copies.set(key, { value, expiresMs, trustMs: Date.now() + memoryTtlMs });
    await this.#try(remote.publish(JSON.stringify({ from: this.#me, key })));
  }

  async invalidate(key: string): Promise<void> {
    const [remote] = this.#tiers;
    await this.#try(remote.delete(key));
    this.#copies.delete(key);
    this.#asking.delete(key);
    await this.#try(remote.publish(JSON.stringify({ from: this.#me, key })));
  }

  /** The copy, null if there is none, undefined if nobody can say. */
  #ask(key: string): Promise<Copy | null | undefined> {
    const [remote, , { memoryTtlMs }] = this.#tiers;
    const asking =
      this.#asking.get(key) ??
      this.#try(remote.get(key).then((bytes) => bytes ?? null)).then((bytes) => {
        if (this.#asking.get(key) !== asking) return bytes === undefined ? undefined : null;
        this.#asking.delete(key);
        if (bytes === undefined) return undefined;
        const found = bytes && codec.decode(bytes);
        if (!found || found.expiresMs <= Date.now()) {
          this.#copies.delete(key);
          return null;
        }
        const copy = { ...found, trustMs: Date.now() + memoryTtlMs };
        this.#copies.set(key, copy);
        return copy;
      });
    this.#asking.set(key, asking);
    return asking;
  }

  /** What comes in time; undefined for all that goes wrong. */
  async #try<T>(work: Promise<T>): Promise<T | undefined> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#tiers[2].remoteTimeoutMs);
    const tooLate = new Promise<undefined>((resolve) =>
      late.signal.addEventListener('abort', () => resolve(undefined)),
    );
    try {
      return await Promise.race([work.catch(() => undefined), tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
