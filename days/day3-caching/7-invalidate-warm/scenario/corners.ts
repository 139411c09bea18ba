import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import type * as Contract from '../../contracts/invalidate-warm.ts';
import { type Clock, createWorld } from './world.ts';

const MAKE_MS = 300;

/** A cache whose answers are numbered as they are made. */
function numbered(subject: typeof Subject, clock: Clock) {
  const { store, kept } = createWorld(clock);
  const cache = subject.createCache(store);
  let count = 0;
  const ask = (key: string, sources: Contract.Sources = {}) =>
    cache.getOrSet(
      key,
      async () => {
        const text = `answer ${++count}`;
        await clock.sleep(MAKE_MS);
        return text;
      },
      sources,
    );
  return { cache, kept, ask, made: () => count };
}

/** A tag, a dep and a path of one name; a key with other sources than before; a circle; the path of one answer. */
export async function kinds(subject: typeof Subject, clock: Clock) {
  const seen: {
    selection: Contract.Selection;
    left: string[];
    wanted: string[];
    counted: number;
    went: number;
  }[] = [];
  const run = async (all: [string, Contract.Sources][], selection: Contract.Selection, goes: string[]) => {
    const { cache, ask, kept } = numbered(subject, clock);
    for (const [key, sources] of all) await ask(key, sources);
    const counted = await cache.invalidate(selection);
    const keys = [...new Set(all.map(([key]) => key))];
    // What is left may be old bytes that nobody is served: ask.
    const before = new Map(kept);
    const left: string[] = [];
    for (const [key, sources] of new Map(all))
      if ((await ask(key, sources)) === before.get(key)) left.push(key);
    const wanted = keys.filter((key) => !goes.includes(key));
    seen.push({ selection, left, wanted, counted, went: goes.length });
  };
  const alike: [string, Contract.Sources][] = [
    ['tagged', { tags: ['x'] }],
    ['made', { deps: ['x'] }],
    ['x:page', {}],
  ];
  await run(alike, { tags: ['x'] }, ['tagged']);
  await run(alike, { deps: ['x'] }, ['made']);
  await run(alike, { prefix: 'x' }, ['x:page']);
  await run(alike, { prefix: 'x:page' }, ['x:page']);
  await run(alike, {}, []);
  await run(
    [
      ['one', { deps: ['two'] }],
      ['two', { deps: ['one', 'doc'] }],
      ['three', {}],
    ],
    { deps: ['doc'] },
    ['one', 'two'],
  );
  await run(
    [
      ['one', { deps: ['one'] }],
      ['two', {}],
    ],
    { prefix: 'one' },
    ['one'],
  );
  return { seen, moved: await moved(subject, clock) };
}

/** Made from one document, dropped, made from another; then the first document changes again. */
async function moved(subject: typeof Subject, clock: Clock) {
  const { cache, ask, made } = numbered(subject, clock);
  await ask('page', { deps: ['old'] });
  await cache.invalidate({ deps: ['old'] });
  await ask('page', { deps: ['new'] });
  const counted = await cache.invalidate({ deps: ['old'] });
  await ask('page', { deps: ['new'] });
  return { counted, made: made() };
}

/** How often an answer is made for those who ask together, after one that failed, after one that is void, and when the store has lost it. */
export async function shared(subject: typeof Subject, clock: Clock) {
  const together = numbered(subject, clock);
  await Promise.all([together.ask('a'), together.ask('a')]);
  const isKept = together.kept.has('a');
  await together.ask('a');

  const whileWritten = numbered(subject, clock);
  const first = whileWritten.ask('a');
  await clock.sleep(MAKE_MS + 10);
  await Promise.all([first, whileWritten.ask('a')]);

  const after = numbered(subject, clock);
  const old = after.ask('a', { deps: ['doc'] });
  await clock.sleep(100);
  await after.cache.invalidate({ deps: ['doc'] });
  const fresh = after.ask('a', { deps: ['doc'] });
  await old;
  await clock.sleep(20);
  await Promise.all([fresh, after.ask('a', { deps: ['doc'] })]);

  const lost = numbered(subject, clock);
  await lost.ask('a');
  lost.kept.clear();
  await lost.ask('a');

  const failing = subject.createCache(createWorld(clock).store);
  const told = await failing
    .getOrSet('a', async () => Promise.reject(new Error('503')), {})
    .then(String, String);
  const then = await failing.getOrSet('a', async () => 'made', {}).then(String, String);
  return {
    together: together.made(),
    isKept,
    whileWritten: whileWritten.made(),
    after: after.made(),
    lost: lost.made(),
    told,
    then,
  };
}
