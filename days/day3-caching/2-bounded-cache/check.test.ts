import * as subject from '#days/day3-caching/2-bounded-cache/bounded-cache.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { LOOKUPS, scenario } from './scenario/index.ts';

/** Steps that one operation may take with a thousand entries: room for a heap. */
const STEPS = 100;

const run = play(scenario, subject);

/** What stands under the keys whose life is watched. */
const STORED = { default: 'a', short: 'b', long: 'c' };

step(1);

check('returns what was stored, also 0, an empty text, false and null', async () => {
  const { falsy } = (await run()).value;
  for (const { stored, got } of falsy) {
    hold(Object.is(stored, got), {
      happened: `${JSON.stringify(stored)} was stored, and \`get\` returned ${JSON.stringify(got)}`,
      expected: 'the stored value; only `undefined` means that nothing is there',
      help: '`if (value)` takes an empty answer for a miss and asks for it again and again.',
    });
  }
});

check('never serves an expired entry, and reading gives it no longer life', async () => {
  const { life, expired } = (await run()).value;
  const { seen, renewed } = life;
  for (const { atMs, ...got } of seen) {
    const wanted = {
      default: atMs < 1000 ? 'a' : undefined,
      short: atMs < 300 ? 'b' : undefined,
      long: 'c',
    };
    for (const key of ['default', 'short', 'long'] as const) {
      hold(got[key] === wanted[key], {
        happened: `an entry with ${{ default: 'the default time to live of 1000', short: 'a time to live of 300', long: 'a time to live of 5000' }[key]} ms, read every 260 ms, was ${got[key] === undefined ? 'gone' : got[key] === STORED[key] ? 'served' : `${JSON.stringify(got[key])}, not what was stored,`} after ${atMs} ms`,
        expected: wanted[key] === undefined ? 'it to be gone' : 'it to be served',
        help: 'Time to live runs from `set`. If each read starts it anew, a popular answer never gets old enough to be checked.',
      });
    }
  }
  hold(renewed === 'd', {
    happened: `an entry that was stored anew was ${renewed === undefined ? 'gone' : `still ${String(renewed)}`} 900 ms later`,
    expected: 'the new value, with a new time to live of 1000 ms',
  });
  hold(expired.entries === 0 && expired.bytes === 0, {
    happened: `all entries had expired and had been asked for once more, and stats() said ${expired.entries} entries with ${expired.bytes.toLocaleString('en-GB')} bytes`,
    expected: '0 and 0: who asks for what has expired takes it out, with its bytes',
  });
  hold(expired.evictions === 0, {
    happened: `nothing was pushed out and all entries expired, and stats() said ${expired.evictions} evictions`,
    expected: '0: what expires is no eviction',
  });
});

check('sets no timer for an entry', async () => {
  const { timers } = (await run()).value;
  hold(timers <= 1, {
    happened: `500 entries set ${timers} timers`,
    expected: 'at most one for the whole cache',
    help: 'Each timer holds memory and its entry, and keeps the process alive. Look at the expiry when the entry is read.',
  });
});

check('keeps its bytes within the limit, and counts truly', async () => {
  const { bytes, defaults } = (await run()).value;
  const { peak, pushedOut, claimed, held, keptGiant, grown, entriesBeforeGiant, entriesAfterGiant } = bytes;
  hold(held <= 50_000 && peak <= 50_000, {
    happened: `with a limit of 50,000 bytes, the entries that were there took ${held.toLocaleString('en-GB')}, and stats() said up to ${peak.toLocaleString('en-GB')}`,
    expected: 'never more than 50,000',
    help: 'Answers differ a hundredfold in size: count bytes, not entries, and evict until the new one fits.',
  });
  hold(claimed.bytes === held, {
    happened: `stats() said ${claimed.bytes.toLocaleString('en-GB')} bytes, and the entries that were there took ${held.toLocaleString('en-GB')}`,
    expected: 'the same',
    help: 'Storing a key again replaces its size; it does not add to it.',
  });
  hold(claimed.entries === entriesBeforeGiant, {
    happened: `stats() said ${claimed.entries} entries, and ${entriesBeforeGiant} could be read`,
    expected: 'the same',
  });
  hold(claimed.evictions === pushedOut, {
    happened: `${pushedOut} answers had gone to make room, and stats() said ${claimed.evictions} evictions`,
    expected: 'the same: what is replaced, expires or can never fit is none',
  });
  hold(defaults.bytes === 1 && defaults.savedMicroUsd === 0, {
    happened: `of an entry without size and cost that was read once, stats() said ${defaults.bytes} bytes and savedMicroUsd ${defaults.savedMicroUsd}`,
    expected: '1 and 0, as the contract says',
  });
  hold(!keptGiant && entriesAfterGiant === entriesBeforeGiant, {
    happened: keptGiant
      ? 'an answer of 60,000 bytes was kept in a cache of 50,000'
      : `an answer that can never fit pushed ${entriesBeforeGiant - entriesAfterGiant} of ${entriesBeforeGiant} entries out`,
    expected: 'it to be turned away at the door',
  });
  hold(grown === undefined, {
    happened: `a key was stored anew with an answer that can never fit, and \`get\` returned ${JSON.stringify(grown)}`,
    expected: 'nothing: what stood there before is no longer true',
  });
  const { met, said } = (await run()).value.books;
  for (const name of ['hits', 'misses', 'savedMicroUsd'] as const)
    hold(said[name] === met[name], {
      happened: `after ${LOOKUPS.toLocaleString('en-GB')} look-ups, stats() said ${name} ${said[name]?.toLocaleString('en-GB')}`,
      expected: `${met[name].toLocaleString('en-GB')}: ${BOOKED[name]}`,
    });
});

const BOOKED = {
  hits: 'each look-up that found its answer',
  misses: 'each look-up that found nothing',
  savedMicroUsd: 'what an answer cost to make, once for each time that it was found',
};

check('does a bounded amount of work for each operation', async () => {
  const { steps } = (await run()).value;
  hold(steps <= STEPS, {
    happened: `with 1,000 entries an operation took ${steps.toFixed(1)} steps through lists and maps`,
    expected: `at most ${STEPS}: with a million entries a walk through them stops everything else`,
    help: 'To look for the oldest entry is to read them all. A Map keeps the order of insertion: delete and set moves a key to its end, and the first key is the oldest.',
  });
});

step(2);

check('keeps what is asked for often', async () => {
  meets(
    await run(),
    'hit rate, Zipf',
    'If a read changes nothing, this is a queue: what came first goes first, however popular it is.',
  );
});

check('is not emptied by a job that reads everything once', async () => {
  const played = await run();
  meets(
    played,
    'hit rate, scan',
    'Plain LRU puts each new key before all others. Keep newcomers in a small part on trial until they are asked for again.',
  );
  const { lived } = played.value;
  const target = played.readings['hit rate, scan']?.target ?? 0;
  hold(lived.hitRate >= target, {
    happened: `the same stream in a cache whose first entries had all expired had a hit rate of ${(lived.hitRate * 100).toFixed(1)} %`,
    expected: `at least ${(target * 100).toFixed(1)} %, as in a new one`,
    help: 'What is counted for a part of the cache has to be taken off again when an entry leaves that part, whatever the way.',
  });
});

check('follows when other things are asked for, and saves dollars for its megabytes', async () => {
  const played = await run();
  meets(played, 'hit rate, shift', 'Counts that only grow keep what was popular last month. Let them fade.');
  meets(played, 'dollars saved per MB');
});
