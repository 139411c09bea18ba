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
  'two thousand bytes that no compression makes smaller': Uint8Array.from(
    { length: 2000 },
    (_, i) => Math.sin(i) * 1e6,
  ),
  'a text of 6,000 characters': 'long '.repeat(1200),
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
  const seen: { mode: string; key: string; seen: Seen }[] = [];
  const changes: { mode: string; what: string; error: unknown; tookMs: number }[] = [];
  for (const mode of ['down', 'hangs'] as const) {
    tiers.state.mode = mode;
    const name = mode === 'down' ? 'was down' : 'hung';
    const change = async (what: string, work: () => Promise<void>) => {
      const startMs = clock.now();
      const error = await settled(work());
      changes.push({ mode: name, what, error, tookMs: clock.now() - startMs });
    };
    await change('set', () => cache.set(`answer:${mode}`, 1, { ttlMs: MINUTE_MS }));
    await change('invalidate', () => cache.invalidate(`answer:${mode}`));
    await change('ready of a new node', () => tiers.node().ready);
    for (const key of ['answer:kept', `answer:new ${mode}`])
      seen.push({ mode: name, key, seen: await look(cache, key, clock) });
  }
  tiers.state.mode = 'well';
  await cache.set('answer:whole', 'a whole answer', { ttlMs: MINUTE_MS });
  for (const [name, bytes] of Object.entries(garbage(tiers.entries.get('answer:whole')))) {
    const key = `answer:${name}`;
    tiers.entries.set(key, Uint8Array.from(bytes));
    seen.push({ mode: `returned ${name}`, key, seen: await look(cache, key, clock) });
  }
  await cache.set('answer:after', 'well again', { ttlMs: MINUTE_MS });
  return { seen, changes, after: await look(tiers.node(), 'answer:after', clock) };
}

/** Bytes that nobody has stored: of nothing, of chance, of half an entry, and of programs that write other things. */
function garbage(entry: Uint8Array = new Uint8Array()): Record<string, Uint8Array> {
  const others = { null: null, 'a number': 42, 'an object of another program': { unexpected: true } };
  const good = serialize({ value: 'x', expiresMs: Date.now() + MINUTE_MS });
  const zipped = gzipSync(good);
  const found: Record<string, Uint8Array> = {
    nothing: new Uint8Array(),
    noise: Uint8Array.from({ length: 64 }, (_, i) => (i * 73 + 41) % 256),
    'half of what the node had stored': entry.subarray(0, entry.length / 2),
    'half an envelope': good.subarray(0, 9),
    'half a gzip file': zipped.subarray(0, zipped.length / 2),
    'a value without its expiry': Buffer.concat([Uint8Array.of(0), serialize({ value: 'x' })]),
    'an expiry that is a text': Buffer.concat([
      Uint8Array.of(0),
      serialize({ value: 'x', expiresMs: '9999999999999' }),
    ]),
  };
  for (const [name, other] of Object.entries(others)) {
    found[`${name} as JSON`] = Buffer.from(JSON.stringify(other));
    for (const first of [0, 1])
      found[`${name} after a byte ${first}`] = Buffer.concat([Uint8Array.of(first), serialize(other)]);
  }
  return found;
}

/** How long a copy is trusted: on the node that set the value and on one that read it. */
export async function trust(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  const tripsOf = async (cache: Cache) => {
    const before = tiers.state.gets;
    await look(cache, 'answer:trusted', clock);
    return tiers.state.gets - before;
  };
  await a.set('answer:trusted', 'yes', { ttlMs: 10 * MINUTE_MS });
  const own = await tripsOf(a);
  const first = await tripsOf(b);
  await clock.sleep(OPTIONS.memoryTtlMs - 100);
  const within = await tripsOf(b);
  await clock.sleep(200);
  const later = [await tripsOf(a), await tripsOf(b), await tripsOf(b)];
  return { own, first, within, later };
}

export async function expiry(tiers: Tiers, clock: Clock) {
  const [a, b, c] = [tiers.node(), tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready, c.ready]);
  const startMs = clock.now();
  const at = async (ms: number) => clock.sleep(startMs + ms - clock.now());
  await a.set('answer:short', 'short', { ttlMs: 10_000 });
  await at(8000);
  const at8s = await look(b, 'answer:short', clock);
  await at(9990);
  const justBefore = [await look(a, 'answer:short', clock), await look(b, 'answer:short', clock)];
  await at(10_000);
  const then = [
    await look(a, 'answer:short', clock),
    await look(b, 'answer:short', clock),
    await look(c, 'answer:short', clock),
  ];
  return { at8s, justBefore, then, toldMs: tiers.lifetimes.get('answer:short') };
}

const HEARD = 'answer:may I pay at 9:30, or "later"?';

export async function invalidation(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  const heard = await changeOn(a, b, HEARD, 'old', clock);
  const from = tiers.log.length;
  await a.invalidate(HEARD);
  const invalidated = { ...said(tiers.log.slice(from), clock.now()), isKept: tiers.entries.has(HEARD) };
  const afterMessage = [await look(b, HEARD, clock), await look(a, HEARD, clock)];
  const again = tiers.log.length;
  await a.set(HEARD, 'new', { ttlMs: MINUTE_MS });
  const set = { ...said(tiers.log.slice(again), clock.now()), isKept: tiers.entries.has(HEARD) };
  const afterSet = await look(b, HEARD, clock);
  await changeOn(a, b, 'answer:lost', 'old', clock);
  tiers.state.losesMessages = true;
  await a.invalidate('answer:lost');
  await clock.sleep(OPTIONS.memoryTtlMs + 1000);
  const afterLoss = await look(b, 'answer:lost', clock);
  tiers.state.losesMessages = false;
  return { heard, invalidated, set, afterMessage, afterSet, afterLoss };
}

/** Whether the others were told after the second tier knew, and all of it was over when the method resolved. */
function said(log: Tiers['log'], nowMs: number) {
  const [change, message] = [
    log.find(({ what }) => what !== 'publish'),
    log.find(({ what }) => what === 'publish'),
  ];
  return {
    isWritten: change !== undefined && change.endMs <= nowMs,
    isTold: message !== undefined && message.endMs <= nowMs,
    isToldAfter: change !== undefined && message !== undefined && message.startMs >= change.endMs,
  };
}

/** A slow look-up of the old value, and a change on the same node or on another while it is under way. */
export async function overtaken(tiers: Tiers, clock: Clock) {
  const seen: { change: string; on: string; joined: Seen; later: Seen; expected: unknown }[] = [];
  for (const change of ['set', 'invalidate'] as const)
    for (const on of ['the same node', 'another node']) {
      const key = `answer:${change} on ${on}`;
      const [writer, a, b] = [tiers.node(), tiers.node(), tiers.node()];
      await Promise.all([writer.ready, a.ready, b.ready]);
      await writer.set(key, 'old', { ttlMs: 10 * MINUTE_MS });
      tiers.state.backMs = 30;
      const slow = look(a, key, clock);
      await clock.sleep(5);
      tiers.state.backMs = 0;
      const other = on === 'the same node' ? a : b;
      if (change === 'set') await other.set(key, 'new', { ttlMs: 10 * MINUTE_MS });
      else await other.invalidate(key);
      const joined = await look(a, key, clock);
      await slow;
      await clock.sleep(50);
      seen.push({
        change,
        on,
        joined,
        later: await look(a, key, clock),
        expected: change === 'set' ? 'new' : undefined,
      });
    }
  return seen;
}

/** A sets a value and B has it in memory. */
async function changeOn(a: Cache, b: Cache, key: string, value: unknown, clock: Clock): Promise<Seen> {
  await a.set(key, value, { ttlMs: 10 * MINUTE_MS });
  await clock.sleep(20);
  await look(b, key, clock);
  return look(b, key, clock);
}

export async function remoteFirst(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  await changeOn(a, b, 'live:stock', 'old', clock);
  await changeOn(a, b, 'live:gone', 'old', clock);
  await changeOn(a, b, 'live:short', 'old', clock);
  tiers.state.losesMessages = true;
  await a.set('live:stock', 'new', { ttlMs: 10 * MINUTE_MS });
  await a.set('live:short', 'new', { ttlMs: 2 * MINUTE_MS });
  await a.invalidate('live:gone');
  const before = tiers.state.gets;
  const together = await Promise.all(Array.from({ length: 10 }, () => look(b, 'live:stock', clock)));
  const trips = tiers.state.gets - before;
  await look(b, 'live:short', clock);
  await look(b, 'live:gone', clock);
  await clock.sleep(OPTIONS.memoryTtlMs + 1000);
  tiers.state.mode = 'down';
  const whileDown = { stock: await look(b, 'live:stock', clock), gone: await look(b, 'live:gone', clock) };
  await clock.sleep(2 * MINUTE_MS);
  return { live: together[0] as Seen, trips, whileDown, expired: await look(b, 'live:short', clock) };
}

export async function media(tiers: Tiers, clock: Clock) {
  const [a, b] = [tiers.node(), tiers.node()];
  await Promise.all([a.ready, b.ready]);
  const key = 'media:logo.png';
  const picture = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) % 251);
  const startMs = clock.now();
  await a.set(key, picture, { ttlMs: 100_000 });
  await a.set('answer:private', 'your invoice', { ttlMs: 100_000 });
  await a.set('live:private', 'your balance', { ttlMs: 100_000 });
  const onEdge = [...tiers.atEdge.keys()];
  const before = tiers.state.gets;
  const there = [await look(b, key, clock), await look(a, key, clock)];
  const trips = tiers.state.gets - before;
  await clock.sleep(40_000);
  tiers.atEdge.clear();
  const back = await Promise.all(Array.from({ length: 5 }, () => look(b, key, clock)));
  const tripsForBack = tiers.state.gets - before - trips;
  const putBack = tiers.atEdge.get(key);
  const leftMs = startMs + 100_000 - clock.now();
  const unknown = await look(b, 'media:unknown.png', clock);
  tiers.atEdge.clear();
  tiers.state.mode = 'down';
  const whileDown = await look(b, key, clock);
  tiers.state.mode = 'well';
  const again = await look(b, key, clock);
  tiers.state.isEdgeDown = true;
  const edgeDown = await look(b, key, clock);
  return {
    url: tiers.edge.url(key),
    seen: [...there, ...back, again],
    misses: { unknown, whileDown, edgeDown },
    setError: await settled(a.set('media:new.png', picture, { ttlMs: 100_000 })),
    onEdge,
    puts: tiers.puts,
    trips,
    tripsForBack,
    putBackMs: putBack?.ttlMs ?? 0,
    leftMs,
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

/** Bytes that texts of 1,000 and of 1,900 characters take, which hardly anything is left of. */
export async function textsStored(tiers: Tiers): Promise<{ length: number; bytes: number }[]> {
  const cache = tiers.node();
  const seen: { length: number; bytes: number }[] = [];
  for (const length of [1000, 1900]) {
    await cache.set(`answer:text ${length}`, 'long '.repeat(length / 5), { ttlMs: MINUTE_MS });
    seen.push({ length, bytes: tiers.entries.get(`answer:text ${length}`)?.length ?? 0 });
  }
  return seen;
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
