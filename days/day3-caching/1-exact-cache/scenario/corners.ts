import type * as Subject from '#days/day3-caching/1-exact-cache/exact-cache.ts';
import type { Clock } from '#lib/clock';
import type * as Contract from '../../contracts/exact-cache.ts';
import { GLUES } from '../../glues.ts';
import { type Got, newStore, readReply, type Said, streamed, wholeAnswer } from './replies.ts';
import { alike, asks, differing, type Pair } from './variations.ts';

type Cached = typeof Subject.cached;
const SCOPE: Contract.Scope = { tenant: 'acme', promptVersion: 'v7' };

/** Pairs of requests: whether the second was answered with what the first had been. */
export async function pairs({ cached }: typeof Subject) {
  const sharedBy = async (each: Pair[]) => {
    const seen: { name: string; isShared: boolean }[] = [];
    for (const { name, one, other } of each)
      seen.push({ name, isShared: await isShared(cached, [one, SCOPE], [other, SCOPE]) });
    return seen;
  };
  return { differing: await sharedBy(differing()), alike: await sharedBy(alike()) };
}

/** Pairs of scopes that read alike once tenant and prompt version are glued together. */
export async function gluedScopes({ cached }: typeof Subject) {
  const seen: { one: Contract.Scope; other: Contract.Scope; isShared: boolean }[] = [];
  for (const glue of GLUES) {
    const one = { tenant: `dune${glue}eu`, promptVersion: 'v2' };
    const other = { tenant: 'dune', promptVersion: `eu${glue}v2` };
    seen.push({ one, other, isShared: await isShared(cached, [asks({}), one], [asks({}), other]) });
  }
  return seen;
}

/** Two askings of one question, of which one wants another draw: whether they shared an answer. */
export async function draws({ cached }: typeof Subject) {
  const plain: Asking = [asks({}), SCOPE];
  const fresh: Asking = [asks({}), { ...SCOPE, fresh: true }];
  const warm: Asking = [asks({ temperature: 0.2 }), SCOPE];
  const seen: { what: string; isShared: boolean }[] = [];
  for (const [what, ...askings] of [
    ['an answer that was kept was given to one with `fresh` in its scope', plain, fresh],
    ['what was made for one with `fresh` in its scope was kept for others', fresh, plain],
    ['two with a temperature of 0.2 were given one answer', warm, warm],
  ] as const)
    seen.push({ what, isShared: await isShared(cached, ...askings) });
  return seen;
}

type Asking = [Contract.ChatRequest, Contract.Scope];

async function isShared(cached: Cached, ...askings: Asking[]): Promise<boolean> {
  const store = newStore();
  let calls = 0;
  for (const [request, scope] of askings) {
    const call: Contract.Call = async ({ model }) => {
      calls += 1;
      return wholeAnswer(model, [{ words: `answer ${calls}`, finish: 'stop' }]);
    };
    await cached(call, store, scope)(structuredClone(request));
  }
  return calls < askings.length;
}

/** How a reader reads: a whole answer, a stream to its end, a stream of which it leaves, a stream that breaks. */
type Way = 'whole' | 'stream' | 'left' | 'broken';

const WORDS: Said = { words: 'You can cancel on the page Plans.', finish: 'stop' };
const TOOL: Said = { tool: ['refund', '{"order":17}'], finish: 'tool_calls' };
const CUT: Said = { words: 'First, the clause about', finish: 'length' };
const FILTERED: Said = { words: 'Take a', finish: 'content_filter' };

/** An answer, how the first reader got it, and why nobody else may have it from the store. */
const HALVES: { what: string; first: Way; said: Said[] }[] = [
  { what: 'an answer whose second choice was cut off', first: 'whole', said: [WORDS, CUT] },
  { what: 'an answer whose second choice was filtered', first: 'whole', said: [WORDS, FILTERED] },
  { what: 'a stream that its reader left after the first words', first: 'left', said: [WORDS] },
  { what: 'a stream whose connection broke', first: 'broken', said: [WORDS] },
  {
    what: 'a stream that ended without a finish_reason',
    first: 'stream',
    said: [{ words: 'You can cancel' }],
  },
  { what: 'a stream that was cut off', first: 'stream', said: [CUT] },
  { what: 'a stream whose second choice was cut off', first: 'stream', said: [WORDS, CUT] },
];

/** What is half, the number of calls when it is asked for twice, and what the second got, as a whole answer and as a stream. */
export async function halves({ cached }: typeof Subject, clock: Clock) {
  const seen: { what: string; isReadOn: boolean; said: Said[]; calls: number; got: Got[] }[] = [];
  // What a reader left may be read to its end for the store.
  for (const { what, first, said } of HALVES)
    for (const second of ['whole', 'stream'] as const)
      seen.push({
        what,
        isReadOn: first === 'left',
        said,
        ...(await twice(cached, clock, said, [first, second])),
      });
  return seen;
}

/** A stream that the stand-in wrote, asked for twice. */
export async function standInStream({ cached }: typeof Subject, clock: Clock): Promise<number> {
  return (await twice(cached, clock, [WORDS], ['stream', 'whole'], 'model-a-mini')).calls;
}

/** What comes of an answer that is asked for twice, each time in one of two ways. */
export async function reread({ cached }: typeof Subject, clock: Clock) {
  const seen: { what: string; ways: Way[]; said: Said[]; got: Got[] }[] = [];
  for (const [what, said] of [
    ['words', [WORDS]],
    ['the call of a tool', [TOOL]],
    ['two choices', [WORDS, { ...WORDS, words: 'On the page Plans.' }]],
  ] as const)
    for (const ways of [
      ['stream', 'stream'],
      ['stream', 'whole'],
      ['whole', 'stream'],
    ] as const) {
      const { got } = await twice(cached, clock, [...said], [...ways]);
      seen.push({ what, ways: [...ways], said: [...said], got });
    }
  return seen;
}

async function twice(cached: Cached, clock: Clock, said: Said[], ways: Way[], model = 'model-a') {
  let calls = 0;
  const got: Got[] = [];
  const store = newStore();
  for (const way of ways) {
    const call: Contract.Call = async ({ stream }) => {
      calls += 1;
      return stream ? streamed(clock, model, said, way === 'broken') : wholeAnswer(model, said);
    };
    const request = way === 'whole' ? asks({}) : asks({ stream: true });
    got.push(await readReply(clock, () => cached(call, store, SCOPE)(request), way === 'left'));
    await clock.sleep(1000);
  }
  return { calls, got };
}
