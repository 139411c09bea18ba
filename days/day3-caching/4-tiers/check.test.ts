import * as subject from '#days/day3-caching/4-tiers/tiered-cache.ts';
import { check, hold, meets, play } from '#lib/check';
import { OPTIONS, type Seen, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

check('gives back what was stored: dates, maps and empty values too', async () => {
  for (const { name, stored, got, from } of (await run()).value.values) {
    hold(isSame(stored, got), {
      happened: `${name} was stored by node A; node B, from ${from}, got ${shown(got)}`,
      expected: `${shown(stored)}, of the same type`,
      help: 'JSON makes texts of dates and empty objects of maps; `serialize` of node:v8 keeps them. And only `undefined` is a miss.',
    });
  }
});

check('goes on when the second tier is down, hangs or returns garbage', async () => {
  const { seen, after } = (await run()).value.faults;
  for (const { mode, key, seen: it, setError } of seen) {
    hold(it.error === undefined && setError === undefined, {
      happened: `while the second tier ${mode}, a ${it.error === undefined ? 'set' : 'look-up'} failed with ${it.error ?? setError}`,
      expected: 'a miss: a cache that is gone makes things slow, not wrong',
      help: 'Whatever the second tier throws, and whatever its bytes turn out to be, ends in `undefined`.',
    });
    hold(it.waitedMs <= OPTIONS.remoteTimeoutMs + 10, {
      happened: `while the second tier ${mode}, a look-up took ${(it.waitedMs / 1000).toFixed(2)} s`,
      expected: `at most remoteTimeoutMs, ${OPTIONS.remoteTimeoutMs} ms`,
      help: 'A connection that hangs raises no error. Let the read race with a timer.',
    });
    hold(key !== 'answer:kept' || it.hit?.value === 'kept', {
      happened: `while the second tier ${mode}, an answer that had been read before was ${it.hit ? shown(it.hit.value) : 'gone'}`,
      expected: 'the copy in memory',
    });
    hold(key === 'answer:kept' || it.hit === undefined, {
      happened: `while the second tier ${mode}, a look-up gave ${shown(it.hit?.value)}`,
      expected: 'nothing',
    });
  }
  hold(after.hit?.value === 'well again', {
    happened: `once the second tier was well again, another node found ${shown(after.hit?.value)}`,
    expected: 'what was set',
  });
});

check('lets a promoted copy live only as long as was left', async () => {
  const { at8s, at9s, at10s } = (await run()).value.promotion;
  hold(at8s.hit !== undefined && at9s.hit !== undefined, {
    happened: 'an answer stored for 10 s was gone on node B after 8 or 9',
    expected: 'it to be served',
  });
  hold(at10s.hit === undefined, {
    happened: 'an answer stored for 10 s and read by node B after 8 s was still served there after 10.5 s',
    expected: 'it to expire everywhere at the same moment',
    help: 'A copy takes over the expiry of the original, not a fresh time to live: keep the moment in the envelope.',
  });
});

check('drops on node B what node A invalidates, also when the message is lost', async () => {
  const { heard, afterMessage, afterLoss } = (await run()).value.invalidation;
  hold(heard.hit?.value === 'old', {
    happened: `node B did not serve what A had stored, but ${shown(heard.hit?.value)}`,
    expected: 'the answer',
  });
  hold(afterMessage.hit === undefined, {
    happened: `20 ms after node A had invalidated an answer, node B served it from ${afterMessage.hit?.from}`,
    expected: 'nothing: node B was to be told',
    help: 'Publish the key when it is set or invalidated; subscribe in the constructor, and drop the copy of what another node names.',
  });
  hold(afterLoss.hit === undefined, {
    happened: `node A invalidated an answer, the message was lost, and ${OPTIONS.memoryTtlMs / 1000 + 1} s later node B still served it from ${afterLoss.hit?.from}`,
    expected: `a copy in memory to be trusted for at most memoryTtlMs, ${OPTIONS.memoryTtlMs / 1000} s`,
    help: 'Publish and subscribe promises nothing. A short trust in memory bounds what a lost message costs.',
  });
});

check('follows the strategy of the key', async () => {
  const it = (await run()).value.strategies;
  hold(it.live.hit?.value === 'new', {
    happened: `"live:stock" is remote-first; node A had changed it, and node B served ${shown(it.live.hit?.value)} from ${it.live.hit?.from}`,
    expected: 'the second tier to be asked each time',
    help: 'The strategy is a promise. For data that must be the same on all nodes, memory is the fallback and not the first stop.',
  });
  hold(it.liveWhileDown.hit?.value === 'new', {
    happened: `while the second tier was down, "live:stock" was ${shown(it.liveWhileDown.hit?.value)}`,
    expected: 'the last copy in memory',
  });
  for (const seen of [...it.media, it.back, it.again] as Seen[]) {
    hold(seen.hit?.value === it.url && seen.hit.from === 'edge', {
      happened: `a picture, cdn-first, came back as ${shown(seen.hit?.value)} from ${seen.hit?.from}`,
      expected: `its URL, ${it.url}, from the edge; if the edge has lost it, put there again from the second tier`,
    });
  }
  hold(it.trips === 0 && it.tripsForBack <= 1, {
    happened: `for media that the edge had, the second tier was asked ${it.trips} times, and ${it.tripsForBack} times to put one back`,
    expected: '0, and 1: the bytes are not to go through us',
  });
  hold(it.isSamePicture && it.putBackMs !== undefined && it.putBackMs <= 60_000, {
    happened: `40 s after it was stored for 100, the picture was put back for ${Math.round((it.putBackMs ?? 0) / 1000)} s${it.isSamePicture ? '' : ', with other bytes'}`,
    expected: 'the same bytes, for the 60 s that were left',
  });
});

check('answers from memory, and asks the second tier once for all who wait', async () => {
  const played = await run();
  meets(
    played,
    'round trips',
    'Twenty look-ups of one key come together: let the first ask and the others wait for the same promise.',
  );
  meets(played, 'p95 look-up', 'What was read once is in memory; a look-up there takes no round trip.');
});

check('compresses what gets smaller, and leaves the rest', async () => {
  meets(
    await run(),
    'bytes in the second tier',
    'gzip adds some twenty bytes: short answers grow, and pictures too. Compress from about 1,000 bytes, and keep the result only if it is smaller.',
  );
});

check('does the same on a disk', async () => {
  const { value, hit, afterwards, bad } = (await run()).value.disk;
  hold(isSame(hit?.value, value), {
    happened: `from LMDB in a folder, node B got ${shown(hit?.value)}`,
    expected: 'what node A had stored',
  });
  hold(!afterwards.hit && !bad.hit && !bad.error, {
    happened: `on the disk, ${afterwards.hit ? 'an invalidated answer was served' : `garbage gave ${bad.error ?? shown(bad.hit?.value)}`}`,
    expected: 'a miss',
  });
});

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text =
    value instanceof Map ? `Map ${JSON.stringify([...value])}` : (JSON.stringify(value) ?? String(value));
  return `${value instanceof Date ? 'the Date ' : ''}${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** The same value of the same kind. A Date of virtual time and one of real time are the same kind. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b);
  const [kind, other] = [a, b].map((value) => Object.prototype.toString.call(value));
  if (kind !== other) return false;
  if (kind === '[object Date]') return Number(a) === Number(b);
  const parts = (value: object) => Object.entries(value instanceof Map ? Object.fromEntries(value) : value);
  const [left, right] = [parts(a), parts(b)];
  return left.length === right.length && left.every(([key, value]) => isSame(value, new Map(right).get(key)));
}
