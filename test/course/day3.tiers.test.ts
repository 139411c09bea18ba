import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Tier } from '../../days/day3-caching/tier.ts';
import { createDiskTier } from '../../days/day3-caching/tier-disk.ts';
import { createMemoryTier, createSharedMemory } from '../../days/day3-caching/tier-memory.ts';
import { createRedisTier } from '../../days/day3-caching/tier-redis.ts';
import { createVirtualClock, type VirtualClock } from '../../lib/clock/index.ts';
import { TieredCache } from '../../solutions/day3-caching/4-tiers/tiered-cache.ts';

/** Makes two nodes on the same second tier. */
type Nodes = (clock: VirtualClock) => Promise<Tier>[];

const MINUTE_MS = 60_000;

function conforms(name: string, nodes: Nodes): void {
  const withNodes = (body: (one: Tier, other: Tier, clock: VirtualClock) => Promise<void>) => async () => {
    const clock = createVirtualClock();
    await clock.run(async () => {
      const [one, other] = (await Promise.all(nodes(clock))) as [Tier, Tier];
      try {
        await body(one, other, clock);
      } finally {
        await Promise.all([one.close(), other.close()]);
      }
    });
  };

  describe(`the ${name} tier`, () => {
    test(
      'gives back the bytes that were set, whatever they are',
      withNodes(async (one, other) => {
        const values = [
          new Uint8Array(),
          Uint8Array.of(0, 255, 10, 13, 0),
          randomBytes(300_000),
          Buffer.from('né 🙂'),
        ];
        for (const [i, bytes] of values.entries()) {
          await one.set(`bytes ${i}`, bytes, MINUTE_MS);
          expect(Buffer.from((await other.get(`bytes ${i}`)) ?? [1]).equals(Buffer.from(bytes))).toBe(true);
        }
      }),
    );

    test(
      'knows nothing of a key that was never set, and no more of one that was deleted',
      withNodes(async (one, other) => {
        expect(await one.get('nobody')).toBeUndefined();
        await one.delete('nobody');
        await one.set('gone', Uint8Array.of(1), MINUTE_MS);
        await other.delete('gone');
        expect(await one.get('gone')).toBeUndefined();
      }),
    );

    test(
      'keeps the last value of a key, and keys apart',
      withNodes(async (one, other) => {
        const keys = ['a:b', 'a', 'a:', ' a', 'ä', 'x'.repeat(5000), `${'x'.repeat(5000)}y`];
        for (const [i, key] of keys.entries()) await one.set(key, Uint8Array.of(100), MINUTE_MS + i);
        for (const [i, key] of keys.entries()) await other.set(key, Uint8Array.of(i), MINUTE_MS);
        for (const [i, key] of keys.entries()) expect([...((await one.get(key)) ?? [])]).toEqual([i]);
      }),
    );

    test(
      'hands out copies: what one does to them is not seen by the other',
      withNodes(async (one, other) => {
        const bytes = Uint8Array.of(1, 2, 3);
        await one.set('mine', bytes, MINUTE_MS);
        bytes.fill(9);
        (await one.get('mine'))?.fill(8);
        expect([...((await other.get('mine')) ?? [])]).toEqual([1, 2, 3]);
      }),
    );

    test(
      'tells every node what is published',
      withNodes(async (one, other, clock) => {
        const release = clock.hold();
        const heard = Promise.all(
          [one, other].map((node) => new Promise<string>((resolve) => void node.subscribe(resolve))),
        );
        await one.publish('first');
        // A subscription may still be on its way when the first message goes.
        const again = setImmediateLoop(() => one.publish('first'));
        expect(await heard).toEqual(['first', 'first']);
        again.stop();
        release();
      }),
    );

    test(
      'carries the reference cache: a value lives as long as its envelope says, on both nodes',
      withNodes(async (one, other, clock) => {
        const options = {
          remoteTimeoutMs: 200,
          memoryTtlMs: 10_000,
          strategyFor: () => 'memory-first' as const,
        };
        const [a, b] = [one, other].map((tier) => new TieredCache(tier, NO_EDGE, options)) as [
          TieredCache,
          TieredCache,
        ];
        const value = { asked: new Date(0), parts: new Map([['x', 'long '.repeat(500)]]) };
        await a.set('plan', value, { ttlMs: MINUTE_MS });
        expect(await b.get('plan')).toEqual({ value, from: 'remote' });
        await clock.sleep(MINUTE_MS + 1);
        expect(await a.get('plan')).toBeUndefined();
        expect(await b.get('plan')).toBeUndefined();
      }),
    );
  });
}

const NO_EDGE = { url: (key: string) => key, has: async () => false, put: async () => {} };

function setImmediateLoop(work: () => Promise<void>) {
  let goes = true;
  const again = () => {
    if (goes) void work().then(() => setImmediate(again));
  };
  setImmediate(again);
  return {
    stop() {
      goes = false;
    },
  };
}

conforms('memory', () => {
  const shared = createSharedMemory();
  return [createMemoryTier(shared), createMemoryTier(shared)].map(async (tier) => tier);
});

const folder = mkdtempSync(join(tmpdir(), 'workbook-tier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

conforms('disk', () => {
  const path = join(folder, randomBytes(6).toString('hex'));
  return [createDiskTier(path), createDiskTier(path)].map(async (tier) => tier);
});

test('the disk tier still knows after a restart what was set before', async () => {
  const path = join(folder, 'restart');
  const before = createDiskTier(path);
  await before.set('kept', Uint8Array.of(7), MINUTE_MS);
  await before.close();
  const after = createDiskTier(path);
  expect([...((await after.get('kept')) ?? [])]).toEqual([7]);
  await after.close();
});

// --- Redis -------------------------------------------------------------------------------------------------------

const found = await findRedis();
const canStart = spawnSync('redis-server', ['--version']).status === 0;
const ASIDE =
  found || canStart
    ? ''
    : ' (skipped: no server at REDIS_URL or localhost:6379, no redis-server to start; see `npm run lab -- doctor`)';

describe.skipIf(!found && !canStart)(`Redis${ASIDE}`, () => {
  let server: OwnServer | undefined;
  const prefixes: string[] = [];
  const url = () => found ?? (server as OwnServer).url;
  beforeAll(async () => {
    if (!found) server = await startServer();
  });
  afterAll(async () => {
    if (found) await deleteOwn(found, prefixes);
    await server?.stop();
  });

  conforms('Redis', (clock) => {
    const prefix = `workbook:${randomBytes(8).toString('hex')}:`;
    prefixes.push(prefix);
    const hold = () => clock.hold();
    return [createRedisTier({ url: url(), prefix, hold }), createRedisTier({ url: url(), prefix, hold })];
  });

  test('Redis has a time to live of its own as a backstop, and it is not shorter than asked', async () => {
    const prefix = `workbook:${randomBytes(8).toString('hex')}:`;
    prefixes.push(prefix);
    const tier = await createRedisTier({ url: url(), prefix });
    await tier.set('backstop', Uint8Array.of(1), MINUTE_MS);
    const client = await createClient({ url: url() }).connect();
    const leftMs = await client.pTTL(`${prefix}backstop`);
    client.destroy();
    await tier.close();
    expect(leftMs).toBeGreaterThan(MINUTE_MS / 2);
    expect(leftMs).toBeLessThanOrEqual(MINUTE_MS);
  });
});

describe.skipIf(!canStart)(
  `a Redis of our own${canStart ? '' : ' (skipped: no redis-server to start)'}`,
  () => {
    const options = { remoteTimeoutMs: 100, memoryTtlMs: 10_000, strategyFor: () => 'memory-first' as const };
    const prefix = 'own:';
    let server: OwnServer;
    beforeAll(async () => {
      server = await startServer();
    });
    afterAll(() => server.stop());

    test('what node A invalidates, node B drops', async () => {
      const tiers = await Promise.all([1, 2].map(() => createRedisTier({ url: server.url, prefix })));
      const [a, b] = tiers.map((tier) => new TieredCache(tier, NO_EDGE, options)) as [
        TieredCache,
        TieredCache,
      ];
      await a.ready;
      await b.ready;
      await a.set('plan', 'old', { ttlMs: MINUTE_MS });
      // The message of the set may still be on its way, and makes B forget once more.
      await until(async () => {
        await b.get('plan');
        await new Promise((resolve) => setTimeout(resolve, 20));
        return (await b.get('plan'))?.from === 'memory';
      });
      await a.invalidate('plan');
      await until(async () => (await b.get('plan')) === undefined);
      await Promise.all(tiers.map((tier) => tier.close()));
    });

    test('garbage under a key is a miss', async () => {
      const tier = await createRedisTier({ url: server.url, prefix });
      const client = await createClient({ url: server.url }).connect();
      const cache = new TieredCache(tier, NO_EDGE, options);
      for (const garbage of ['', 'not an envelope', '\u0001\u001f']) {
        await client.set(`${prefix}bad`, garbage);
        expect(await cache.get('bad')).toBeUndefined();
      }
      await client.hSet(`${prefix}hash`, 'field', 'value');
      expect(await cache.get('hash')).toBeUndefined();
      client.destroy();
      await tier.close();
    });

    test('a server that hangs costs a look-up no more than the timeout, and one that is gone nothing', async () => {
      const tier = await createRedisTier({ url: server.url, prefix });
      const cache = new TieredCache(tier, NO_EDGE, options);
      await cache.set('kept', 1, { ttlMs: MINUTE_MS });
      server.pause();
      expect(await cache.get('elsewhere')).toBeUndefined();
      expect(await cache.get('kept')).toEqual({ value: 1, from: 'memory' });
      server.resume();
      await until(async () => (await tier.get('kept').catch(() => undefined)) !== undefined);
      await server.stop();
      expect(await cache.get('nowhere')).toBeUndefined();
      expect(await cache.get('kept')).toEqual({ value: 1, from: 'memory' });
      await cache.set('still', 2, { ttlMs: MINUTE_MS });
      expect(await cache.get('still')).toEqual({ value: 2, from: 'memory' });
      await tier.close();
    });
  },
);

interface OwnServer {
  url: string;
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** A redis-server on a free port, without files, that is ours alone. */
async function startServer(): Promise<OwnServer> {
  const port = await freePort();
  const settings = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    tmpdir(),
  ];
  const child: ChildProcess = spawn('redis-server', settings, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  await until(async () => (await answers(url)) === true);
  return {
    url,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

async function findRedis(): Promise<string | undefined> {
  for (const url of [process.env.REDIS_URL, 'redis://127.0.0.1:6379'])
    if (url && (await answers(url))) return url;
  return undefined;
}

async function answers(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { connectTimeout: 500, reconnectStrategy: false } });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    if (client.isOpen) client.destroy();
  }
}

/** Removes what these tests wrote, and nothing else: by their own random prefixes. */
async function deleteOwn(url: string, prefixes: readonly string[]): Promise<void> {
  const client = await createClient({ url }).connect();
  for (const prefix of prefixes)
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
      if (keys.length > 0) await client.del(keys);
  client.destroy();
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await isSo()); tries += 1) {
    if (tries > 500) throw new Error('It did not come to pass within ten seconds.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
