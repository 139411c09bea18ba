import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { gzipSync } from 'node:zlib';
import type * as Subject from '#days/day3-caching/4-tiers/tiered-cache.ts';
import { sum } from '#lib/provider';
import type * as Contract from '../../contracts/tiered-cache.ts';
import { createDiskTier } from '../../tier-disk.ts';
import { type Cache, type Clock, look, MINUTE_MS, OPTIONS, type Seen, settled, type Tiers } from './world.ts';

const VALUES: Record<string, unknown> = {
  'an empty text': '',
  'the number 0': 0,
  false: false,
  null: null,
  'a date': new Date(Date.UTC(2026, 0, 5)),
  'a map': new Map([['tokens', 120]]),
  'an answer with a date and a map inside': {
    text: 'Yes.',
    asked: new Date(0),
    usage: new Map([['input', 9]]),
  },
};

export async function values(tiers: Tiers) {
  const [a, b] = [tiers.node(), tiers.node()];
  const seen: { name: string; stored: unknown; from: string; got: unknown }[] = [];
  for (const [name, stored] of Object.entries(VALUES)) {
    await a.set(`answer:${name}`, stored, { ttlMs: MINUTE_MS });
    for (const from of ['the second tier', 'memory']) {
      const hit = await b.get(`answer:${name}`);
      seen.push({ name, stored, from, got: hit ? hit.value : 'nothing' });
    }
  }
  return seen;
}

export async function faults(tiers: Tiers, clock: Clock) {
  const cache = tiers.node();
  await cache.set('answer:kept', 'kept', { ttlMs: 10 * MINUTE_MS });
  await cache.get('answer:kept');
  const seen: { name: string; mode: string; key: string; seen: Seen; setError: unknown }[] = [];
  const modes = ['down', 'hangs'] as const;
  for (const mode of modes) {
    tiers.state.mode = mode;
    const setError = await settled(cache.set(`answer:${mode}`, 1, { ttlMs: MINUTE_MS }));
    for (const key of ['answer:kept', `answer:new ${mode}`])
      seen.push({
        name: key,
        mode: mode === 'down' ? 'was down' : 'hung',
        key,
        seen: await look(cache, key, clock),
        setError,
      });
  }
  tiers.state.mode = 'well';
  const good = serialize({ value: 'x', expiresMs: Date.now() + MINUTE_MS });
  const zipped = gzipSync(good);
  const garbage = {
    nothing: new Uint8Array(),
    noise: Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 41) % 256),
    'half an envelope': good.subarray(0, 9),
    'half a gzip file': zipped.subarray(0, zipped.length / 2),
    'text of another program': Buffer.from('{"unexpected":true}'),
  };
  for (const [name, bytes] of Object.entries(garbage)) {
    tiers.entries.set(`answer:${name}`, Uint8Array.from(bytes));
    const key = `answer:${name}`;
    seen.push({
      name: key,
      mode: `returned ${name}`,
      key,
      seen: await look(cache, key, clock),
      setError: undefined,
    });
  }
  await cache.set('answer:after', 'well again', { ttlMs: MINUTE_MS });
  return { seen, after: await look(tiers.node(), 'answer:after', clock) };
}

export async function promotion(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await a.set('answer:short', 'short', { ttlMs: 10_000 });
  await clock.sleep(8000);
  const at8s = await look(b, 'answer:short', clock);
  await clock.sleep(1000);
  const at9s = await look(b, 'answer:short', clock);
  await clock.sleep(1500);
  return { at8s, at9s, at10s: await look(b, 'answer:short', clock) };
}

export async function invalidation(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  const heard = await changeOn(a, b, 'answer:heard', 'old', clock);
  await a.invalidate('answer:heard');
  await clock.sleep(20);
  const afterMessage = await look(b, 'answer:heard', clock);
  await changeOn(a, b, 'answer:lost', 'old', clock);
  tiers.state.losesMessages = true;
  await a.invalidate('answer:lost');
  await clock.sleep(OPTIONS.memoryTtlMs + 1000);
  return { heard, afterMessage, afterLoss: await look(b, 'answer:lost', clock) };
}

/** A sets a value and B has it in memory. */
async function changeOn(a: Cache, b: Cache, key: string, value: unknown, clock: Clock): Promise<Seen> {
  await a.set(key, value, { ttlMs: 10 * MINUTE_MS });
  await clock.sleep(20);
  await look(b, key, clock);
  return look(b, key, clock);
}

export async function strategies(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  await changeOn(a, b, 'live:stock', 'old', clock);
  tiers.state.losesMessages = true;
  await a.set('live:stock', 'new', { ttlMs: MINUTE_MS });
  const live = await look(b, 'live:stock', clock);
  tiers.state.mode = 'down';
  const liveWhileDown = await look(b, 'live:stock', clock);
  tiers.state.mode = 'well';

  const key = 'media:logo.png';
  const picture = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251);
  await a.set(key, picture, { ttlMs: 100_000 });
  const before = tiers.state.gets;
  const media = [await look(b, key, clock), await look(a, key, clock)];
  const trips = tiers.state.gets - before;
  await clock.sleep(40_000);
  tiers.atEdge.clear();
  const back = await look(b, key, clock);
  const putBack = tiers.atEdge.get(key);
  const again = await look(b, key, clock);
  return {
    live,
    liveWhileDown,
    url: tiers.edge.url(key),
    media,
    trips,
    back,
    again,
    tripsForBack: tiers.state.gets - before - trips,
    putBackMs: putBack?.ttlMs,
    isSamePicture: putBack !== undefined && Buffer.from(putBack.bytes).equals(Buffer.from(picture)),
  };
}

export async function lookups(tiers: Tiers, clock: Clock, bursts: string[][]) {
  const filler = tiers.node();
  for (const key of new Set(bursts.flat()))
    await filler.set(key, `the answer to ${key}`, { ttlMs: 10 * MINUTE_MS });
  const cache = tiers.node();
  const before = tiers.state.gets;
  const waitsMs: number[] = [];
  for (const burst of bursts) {
    const seen = await Promise.all(burst.map((key) => look(cache, key, clock)));
    waitsMs.push(...seen.map(({ waitedMs }) => waitedMs));
    await clock.sleep(10);
  }
  return { waitsMs, trips: tiers.state.gets - before };
}

export async function bytesStored(tiers: Tiers, answers: unknown[]): Promise<number> {
  const cache = tiers.node();
  for (const [i, answer] of answers.entries()) await cache.set(`answer:${i}`, answer, { ttlMs: MINUTE_MS });
  return sum([...tiers.entries.values()].map((bytes) => bytes.length));
}

/** The same two nodes on LMDB in a folder, which is a real second tier. */
export async function onDisk({ TieredCache }: typeof Subject, clock: Clock) {
  const folder = mkdtempSync(join(tmpdir(), 'workbook-tier-'));
  const tier = createDiskTier(folder);
  const edge: Contract.Edge = { url: (key) => key, has: async () => false, put: async () => {} };
  try {
    const [a, b] = [1, 2].map(() => new TieredCache(tier, edge, OPTIONS)) as [Cache, Cache];
    await Promise.all([a.ready, b.ready]);
    const value = { text: 'long '.repeat(1000), asked: new Date(0) };
    await a.set('answer:disk', value, { ttlMs: MINUTE_MS });
    const { hit } = await look(b, 'answer:disk', clock);
    await a.invalidate('answer:disk');
    const afterwards = await look(b, 'answer:disk', clock);
    await tier.set('answer:bad', Uint8Array.of(1, 2, 3), MINUTE_MS);
    return { value, hit, afterwards, bad: await look(b, 'answer:bad', clock) };
  } finally {
    await tier.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
