import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Edge, Hit, Tier, TierOptions } from '#course/day3-caching/contracts/tiered-cache.ts';

/** What a node knows of a key. Each change of it begins a new epoch, and a read counts only in the epoch in which it began. */
interface Known {
  epoch: number;
  packed?: { body: Uint8Array; expiresMs: number };
  askAgainMs: number;
  reading?: Promise<Answer>;
}

/** Bytes, nothing there, or no answer at all. */
type Answer = { body: Uint8Array; expiresMs: number } | 'none' | 'silence';

/** Memory holds values as bytes, so that whoever gets one may change it. */
export class TieredCache {
  readonly ready: Promise<void>;
  get: (key: string) => Promise<Hit | undefined>;
  set: (key: string, value: unknown, life: { ttlMs: number }) => Promise<void>;
  invalidate: (key: string) => Promise<void>;

  constructor(remote: Tier, edge: Edge, { strategyFor, remoteTimeoutMs, memoryTtlMs }: TierOptions) {
    const me = `${Date.now()}-${Math.random()}`;
    const all = new Map<string, Known>();

    const known = (key: string): Known => {
      const it = all.get(key) ?? { epoch: 0, askAgainMs: 0 };
      all.set(key, it);
      return it;
    };

    const change = (key: string, packed?: Known['packed']) => {
      const { epoch } = known(key);
      all.set(key, { epoch: epoch + 1, packed, askAgainMs: Date.now() + memoryTtlMs });
    };

    const visit = async <T>(work: () => Promise<T>): Promise<T | 'silence'> => {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<'silence'>((resolve) => {
        timer = setTimeout(resolve, remoteTimeoutMs, 'silence');
      });
      const result = work().catch(() => 'silence' as const);
      return Promise.race([result, patience]).finally(() => clearTimeout(timer));
    };

    const ask = async (key: string): Promise<Answer> => {
      const { epoch } = known(key);
      const bytes = await visit(() => remote.get(key));
      const answer = bytes === 'silence' ? bytes : (open(bytes) ?? 'none');
      const now = known(key);
      if (now.epoch === epoch) {
        now.reading = undefined;
        if (answer === 'none') now.packed = undefined;
        if (typeof answer !== 'string') {
          now.packed = strategyFor(key) === 'cdn-first' ? undefined : answer;
          now.askAgainMs = Date.now() + memoryTtlMs;
        }
      }
      return answer;
    };

    const read = (key: string): Promise<Answer> => {
      const it = known(key);
      it.reading ??= ask(key);
      return it.reading;
    };

    const media = async (key: string): Promise<Hit | undefined> => {
      if (!(await edge.has(key))) {
        const answer = await read(key);
        if (typeof answer === 'string') return undefined;
        await edge.put(key, deserialize(answer.body), answer.expiresMs - Date.now());
      }
      return { value: edge.url(key), from: 'edge' };
    };

    this.ready = remote
      .subscribe((message) => {
        const [sender, key] = JSON.parse(message);
        if (sender !== me) change(key);
      })
      .catch(() => {});

    this.get = async (key) => {
      const strategy = strategyFor(key);
      if (strategy === 'cdn-first') return media(key).catch(() => undefined);
      const { packed: own, askAgainMs } = known(key);
      const fromMemory = (): Hit | undefined =>
        own && own.expiresMs > Date.now() ? { value: deserialize(own.body), from: 'memory' } : undefined;
      if (strategy === 'memory-first' && askAgainMs > Date.now() && fromMemory()) return fromMemory();
      const answer = await read(key);
      if (answer === 'none') return undefined;
      return answer === 'silence' ? fromMemory() : { value: deserialize(answer.body), from: 'remote' };
    };

    this.set = async (key, value, { ttlMs }) => {
      const packed = { body: serialize(value), expiresMs: Date.now() + ttlMs };
      const isMedia = strategyFor(key) === 'cdn-first';
      change(key, isMedia ? undefined : packed);
      await visit(() => remote.set(key, close(packed), ttlMs));
      change(key, isMedia ? undefined : packed);
      if (isMedia) await edge.put(key, value as Uint8Array, ttlMs).catch(() => {});
      await visit(() => remote.publish(JSON.stringify([me, key])));
    };

    this.invalidate = async (key) => {
      change(key);
      await visit(() => remote.delete(key));
      change(key);
      await visit(() => remote.publish(JSON.stringify([me, key])));
    };
  }
}

/** Eight bytes for the expiry, one that says how the body is written, the body. */
function close({ body, expiresMs }: { body: Uint8Array; expiresMs: number }): Uint8Array {
  const small = deflateRawSync(body, { level: 9 });
  const head = Buffer.alloc(9);
  head.writeDoubleLE(expiresMs);
  head[8] = small.length < body.length ? 0xd5 : 0xb0;
  return Buffer.concat([head, small.length < body.length ? small : body]);
}

function open(bytes: Uint8Array | undefined): { body: Uint8Array; expiresMs: number } | undefined {
  if (!bytes || bytes.length < 10 || (bytes[8] !== 0xd5 && bytes[8] !== 0xb0)) return undefined;
  try {
    const expiresMs = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    const body = bytes[8] === 0xd5 ? inflateRawSync(bytes.subarray(9)) : bytes.slice(9);
    deserialize(body);
    return expiresMs > Date.now() ? { body, expiresMs } : undefined;
  } catch {
    return undefined;
  }
}
