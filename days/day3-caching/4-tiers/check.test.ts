import * as subject from '#days/day3-caching/4-tiers/tiered-cache.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { OPTIONS, scenario } from './scenario/index.ts';

const run = play(scenario, subject);

step(1);

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
  const { seen, changes, after } = (await run()).value.faults;
  for (const { mode, what, error, tookMs } of changes) {
    hold(error === undefined, {
      happened: `while the second tier ${mode}, \`${what}\` rejected with ${error}`,
      expected: 'no error: a cache that is gone makes things slow, not wrong',
    });
    hold(tookMs <= 2 * OPTIONS.remoteTimeoutMs + SLACK_MS, {
      happened: `while the second tier ${mode}, \`${what}\` took ${(tookMs / 1000).toFixed(2)} s`,
      expected: `at most twice remoteTimeoutMs, ${2 * OPTIONS.remoteTimeoutMs} ms: one visit for the bytes, one for the message`,
      help: 'A connection that hangs raises no error. Let each visit race with a timer.',
    });
  }
  for (const { mode, key, seen: it } of seen) {
    hold(it.error === undefined, {
      happened: `while the second tier ${mode}, a look-up failed with ${it.error}`,
      expected: 'a miss: a cache that is gone makes things slow, not wrong',
      help: 'Whatever the second tier throws, and whatever its bytes turn out to be, ends in `undefined`.',
    });
    hold(it.waitedMs <= OPTIONS.remoteTimeoutMs + SLACK_MS, {
      happened: `while the second tier ${mode}, a look-up took ${(it.waitedMs / 1000).toFixed(2)} s`,
      expected: `at most remoteTimeoutMs, ${OPTIONS.remoteTimeoutMs} ms`,
      help: 'A connection that hangs raises no error. Let the read race with a timer.',
    });
    hold(key !== 'answer:kept' || it.hit?.value === 'kept', {
      happened: `while the second tier ${mode}, an answer that had been read before was ${it.hit ? shown(it.hit.value) : 'gone'}`,
      expected: 'the copy in memory',
    });
    hold(key === 'answer:kept' || it.hit === undefined, {
      happened: `while the second tier ${mode}, a look-up gave ${shown(it.hit?.value)} instead of a miss`,
      expected: 'nothing',
      help: 'What comes back must have the form that you write: a value and an expiry that is a number.',
    });
  }
  hold(after.hit?.value === 'well again', {
    happened: `once the second tier was well again, another node found ${shown(after.hit?.value)}`,
    expected: 'what was set',
  });
});

check('answers from memory, and asks the second tier once for all who wait', async () => {
  const played = await run();
  const { own, first, within, later } = played.value.trust;
  hold(own === 0 && first === 1 && within === 0, {
    happened: `look-ups asked the second tier ${own} times on the node that had just set the value, ${first} times on another, and there ${within} times again just before memoryTtlMs was over`,
    expected: '0, 1 and 0',
    help: 'What a node has set or read is in its memory. The message about its own change must not empty it.',
  });
  hold(later.join() === '1,1,0', {
    happened: `when memoryTtlMs was over, the node that had set the value asked ${later[0]} times, the other ${later[1]} times, and then ${later[2]} times more`,
    expected:
      '1, 1 and 0: a copy is trusted for memoryTtlMs, then the second tier is asked and the trust begins anew',
  });
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
  for (const { length, bytes } of (await run()).value.texts)
    hold(bytes < length / 2, {
      happened: `a text of ${length.toLocaleString('en')} characters that repeats itself took ${bytes.toLocaleString('en')} bytes in the second tier`,
      expected: 'less than half: from 1,000 bytes on what gets smaller is compressed',
    });
});

step(2);

check('lets a promoted copy live only as long as was left', async () => {
  const { at8s, justBefore, then, toldMs } = (await run()).value.expiry;
  for (const [seen, when] of [
    [at8s, 'B after 8 s'],
    [justBefore[0], 'A after 9.99 s'],
    [justBefore[1], 'B after 9.99 s'],
  ] as const)
    hold(seen?.hit?.value === 'short', {
      happened: `an answer stored for 10 s was ${shown(seen?.hit?.value)} on node ${when}`,
      expected: 'it to be served',
    });
  then.forEach((seen, i) => {
    hold(seen.hit === undefined, {
      happened: `node A stored an answer for 10 s, B read it after 8, and C never; after 10 s node ${'ABC'[i]} still served it from ${seen.hit?.from}`,
      expected: 'a miss: it expires everywhere at the same moment',
      help: 'A copy takes over the expiry of the original, not a fresh time to live: keep the moment in the envelope. At that moment it has expired.',
    });
  });
  hold(toldMs === 10_000, {
    happened: `an answer that lives for 10,000 ms was given to the second tier for ${toldMs?.toLocaleString('en')} ms`,
    expected: '10,000 ms: what nobody reads any more would stay there',
  });
});

check('drops on node B what node A invalidates, also when the message is lost', async () => {
  const { heard, invalidated, set, afterMessage, afterSet, afterLoss } = (await run()).value.invalidation;
  hold(heard.hit?.value === 'old', {
    happened: `node B did not serve what A had stored, but ${shown(heard.hit?.value)}`,
    expected: 'the answer',
  });
  for (const [what, seen] of [
    ['invalidate', invalidated],
    ['set', set],
  ] as const) {
    hold(seen.isWritten && seen.isKept === (what === 'set'), {
      happened: `\`${what}\` had resolved, and the second tier ${seen.isKept ? 'had' : 'did not have'} the answer${seen.isWritten ? '' : ': it had not finished writing'}`,
      expected: 'the second tier to know by then',
    });
    hold(seen.isTold && seen.isToldAfter, {
      happened: `\`${what}\` on node A: ${seen.isTold ? 'the message went out before the second tier had finished' : 'no message had gone out when it resolved'}`,
      expected:
        'the second tier to know first, then a message: a node that hears too early reads the old value again',
    });
  }
  afterMessage.forEach((seen, i) => {
    hold(seen.hit === undefined, {
      happened: `node A had invalidated an answer, and ${i === 0 ? 'B' : 'A itself'} served it from ${seen.hit?.from}`,
      expected: 'nothing: node B was to be told',
      help: 'Publish the key when it is set or invalidated; subscribe in the constructor, and drop the copy of what another node names.',
    });
  });
  hold(afterSet.hit?.value === 'new', {
    happened: `node A had set another answer, and node B served ${shown(afterSet.hit?.value)}`,
    expected: 'the new one',
  });
  hold(afterLoss.hit === undefined, {
    happened: `node A invalidated an answer, the message was lost, and ${OPTIONS.memoryTtlMs / 1000 + 1} s later node B still served it from ${afterLoss.hit?.from}`,
    expected: `a copy in memory to be trusted for at most memoryTtlMs, ${OPTIONS.memoryTtlMs / 1000} s`,
    help: 'Publish and subscribe promises nothing. A short trust in memory bounds what a lost message costs.',
  });
  for (const { change, on, joined, later, expected } of (await run()).value.overtaken) {
    hold(Object.is(joined.hit?.value, expected), {
      happened: `a look-up was under way when \`${change}\` was called on ${on}; one that began after that gave ${shown(joined.hit?.value)}`,
      expected: `${shown(expected)}: it must not join what began before the change`,
      help: 'A change also ends the sharing: take the read out of the map of those under way.',
    });
    hold(Object.is(later.hit?.value, expected), {
      happened: `a look-up was under way when \`${change}\` was called on ${on}; when it had ended, the node served ${shown(later.hit?.value)} from ${later.hit?.from}`,
      expected: `${shown(expected)}: what was read before the change goes into no memory`,
      help: 'When the bytes arrive, see whether this read still counts before you keep them.',
    });
  }
});

check('follows the strategy of the key', async () => {
  const { live, trips, whileDown, expired } = (await run()).value.remoteFirst;
  hold(live.hit?.value === 'new' && live.hit.from === 'remote', {
    happened: `"live:stock" is remote-first; node A had changed it, and node B served ${shown(live.hit?.value)} from ${live.hit?.from}`,
    expected: 'the second tier to be asked each time',
    help: 'The strategy is a promise. For data that must be the same on all nodes, memory is the fallback and not the first stop.',
  });
  hold(trips === 1, {
    happened: `ten look-ups of "live:stock" at the same time took ${trips} round trips`,
    expected: '1, which they share',
  });
  hold(whileDown.stock.hit?.value === 'new' && whileDown.stock.hit.from === 'memory', {
    happened: `while the second tier was down, "live:stock" was ${shown(whileDown.stock.hit?.value)}`,
    expected: 'the last copy in memory, also when memoryTtlMs is over',
  });
  hold(whileDown.gone.hit === undefined, {
    happened: `node B had found that the second tier no longer has "live:gone"; then the tier went down, and B served ${shown(whileDown.gone.hit?.value)} from ${whileDown.gone.hit?.from}`,
    expected: 'nothing: what the second tier no longer has, memory forgets too',
  });
  hold(expired.hit === undefined, {
    happened: `while the second tier was down, node B served a value from ${expired.hit?.from} that had expired`,
    expected: 'nothing',
  });
  const it = (await run()).value.media;
  for (const seen of it.seen) {
    hold(seen.hit?.value === it.url && seen.hit.from === 'edge', {
      happened: `a picture, cdn-first, came back as ${shown(seen.hit?.value)} from ${seen.hit?.from ?? 'nowhere'}`,
      expected: `its URL, ${it.url}, from the edge; if the edge has lost it, put there again from the second tier`,
    });
  }
  hold(it.trips === 0 && it.tripsForBack === 1, {
    happened: `for media that the edge had, the second tier was asked ${it.trips} times, and ${it.tripsForBack} times by five look-ups of one that the edge had lost`,
    expected: '0, and 1: the bytes are not to go through us',
  });
  hold(it.isSamePicture && Math.abs(it.putBackMs - it.leftMs) <= 100, {
    happened: `when ${Math.round(it.leftMs / 1000)} s of its time were left, the picture was put back for ${Math.round(it.putBackMs / 1000)} s${it.isSamePicture ? '' : ', with other bytes'}`,
    expected: 'the same bytes, for the time that was left',
  });
  hold(it.onEdge.join() === 'media:logo.png', {
    happened: `after \`set\` of a picture, an answer and a balance, the edge had ${it.onEdge.join(', ') || 'nothing'}`,
    expected: 'the picture alone: what is on the edge, the world can read',
  });
  for (const [what, seen] of [
    ['that nobody had set', it.misses.unknown],
    ['that the edge had lost while the second tier was down', it.misses.whileDown],
    ['while the edge was down', it.misses.edgeDown],
  ] as const)
    hold(seen.hit === undefined && seen.error === undefined, {
      happened: `a look-up of a picture ${what} ${seen.error ? `failed with ${seen.error}` : `gave ${shown(seen.hit?.value)}`}`,
      expected: 'a miss',
    });
  hold(!it.puts.includes('media:unknown.png'), {
    happened: 'a picture that nobody had set was put on the edge',
    expected: 'nothing to be put there',
  });
  hold(it.setError === undefined, {
    happened: `while the edge was down, \`set\` of a picture rejected with ${it.setError}`,
    expected: 'no error: the second tier has it, and the edge gets it with the next look-up',
  });
});

check('does the same on a disk', async () => {
  const { value, hit, afterwards, bad } = (await run()).value.disk;
  hold(isSame(hit?.value, value), {
    happened: `from LMDB in a folder, node B got ${shown(hit?.value)}`,
    expected: 'what node A had stored',
    help: 'The bytes that a tier gives may be a part of a larger buffer: `bytes.buffer` is then more than the bytes.',
  });
  hold(!afterwards.hit && !bad.hit && !bad.error, {
    happened: `on the disk, ${afterwards.hit ? 'an invalidated answer was served' : `garbage gave ${bad.error ?? shown(bad.hit?.value)}`}`,
    expected: 'a miss',
  });
});

/** Timers fire on whole milliseconds. */
const SLACK_MS = 10;

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
