import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { defineScenario, percentile, type Random, randomFor, sum, type World } from '#lib/provider';
import type * as Contract from '../contracts/semantic-cache.ts';
import { INTENTS, type Intent } from '../corpus.ts';
import { canonical, createLikeness, curve, type Round, roundOf, split } from '../likeness.ts';
import { provider } from '../provider.ts';

type Clock = World<unknown>['clock'];

const EMBED_MS = 80;
const TENANTS = 6;
const REQUESTS = 250;
/** A wrong answer to one request in a hundred, at the upper end of the interval. */
export const MAX_FALSE = 0.01;
/** Half of it for the threshold: other questions are never quite like those it was chosen on. */
const THRESHOLD_FALSE = MAX_FALSE / 2;
const CONFIDENCE = 0.95;
export const DRAWS = 40;
/** How often a part of the calibration questions is drawn to be stored, while the others ask. */
const ROUNDS = 8;

/** One request of the hidden traffic and what came of it. */
export interface Served {
  query: Contract.Query;
  intent: Intent;
  /** Whose answer was served, and for which question it was made; undefined for a miss. */
  got?: { intent: Intent; query: Contract.Query };
  waitedMs: number;
}

/** A help desk for six customers: calibration on half of the questions, traffic from the other half. */
export const scenario = helpDesk(INTENTS);

/** The same help desk with other questions. */
export function helpDesk(intents: readonly Intent[]) {
  const likeness = createLikeness(intents.flatMap(({ questions }) => questions));
  return defineScenario({
    provider,
    traffic: (random): Traffic => {
      const { calibration, hidden } = split(intents, random);
      return {
        rounds: Array.from({ length: ROUNDS }, () => roundOf(calibration, random)),
        requests: requestsOf(hidden, random),
      };
    },
    async play(subject: typeof Subject, { openai, clock, traffic, seed }: World<Traffic>) {
      await likeness.learn(openai);
      const pairs = traffic.rounds.flatMap(likeness.pairsOf);
      const threshold = subject.chooseThreshold(pairs, THRESHOLD_FALSE);
      const embed: Contract.Embed = async (texts) => {
        await clock.sleep(EMBED_MS);
        return Promise.all(texts.map((text) => likeness.vectorOf(text, openai)));
      };
      return {
        pairs,
        threshold,
        scopes: await scopes(new subject.SemanticCache(embed, threshold)),
        talk: await conversation(subject, embed, threshold),
        breeding: await breeding(subject),
        draws: drawThresholds(subject, seed),
        served: await serve(new subject.SemanticCache(embed, threshold), traffic.requests, clock),
      };
    },
    readings({ outcome, traffic: { requests } }) {
      const { served } = outcome.value;
      const wrong = served.filter(isWrong).length;
      const seen = new Set(requests.map(({ query, intent }) => JSON.stringify([query.tenant, intent.id])));
      const plain = new Set(
        requests.map(({ query }) => JSON.stringify([query.tenant, canonical(query.text)])),
      );
      const bestRate = 1 - seen.size / requests.length;
      const exactRate = 1 - plain.size / requests.length;
      return {
        // An exact cache is the floor, and whoever knows all intents the limit; a fifth of the way is to be won without errors.
        'hit rate': {
          unit: 'share',
          better: 'higher',
          value: served.filter((it) => it.got && !isWrong(it)).length / served.length,
          target: exactRate + 0.2 * (bestRate - exactRate),
          limit: bestRate,
        },
        'wrong answers, upper bound': {
          unit: 'share',
          better: 'lower',
          value: upperBound(wrong, served.length),
          target: MAX_FALSE,
          limit: upperBound(0, served.length),
        },
        'p95 look-up': {
          unit: 'ms',
          better: 'lower',
          value: percentile(
            served.map(({ waitedMs }) => waitedMs),
            95,
          ),
          target: EMBED_MS + 20,
          limit: 0,
        },
      };
    },
    chart: ({ outcome }) => `By similarity alone, on the labelled pairs:\n${curve(outcome.value.pairs)}`,
  });
}

interface Traffic {
  rounds: Round[];
  requests: { query: Contract.Query; intent: Intent }[];
}

export function isWrong({ got, intent, query }: Served): boolean {
  return got !== undefined && (got.intent.id !== intent.id || got.query.tenant !== query.tenant);
}

/** The share that is not exceeded with the given confidence, after `events` in `n` (Clopper and Pearson, one-sided). */
export function upperBound(events: number, n: number): number {
  let [low, high] = [events / n, 1];
  for (let i = 0; i < 50; i += 1) {
    const middle = (low + high) / 2;
    if (atMost(events, n, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most so many events in `n` of that probability. */
function atMost(events: number, n: number, p: number): number {
  let term = (1 - p) ** n;
  let total = term;
  for (let k = 1; k <= events; k += 1) {
    term *= ((n - k + 1) / k) * (p / (1 - p));
    total += term;
  }
  return total;
}

// --- the traffic ----------------------------------------------------------------------------------------------------

function requestsOf(hidden: readonly Intent[], random: Random): { query: Contract.Query; intent: Intent }[] {
  const order = random.shuffle(hidden);
  const requests = Array.from({ length: TENANTS }, (_, tenant) =>
    Array.from({ length: REQUESTS }, () => {
      // Popularity falls with the rank, though not as steeply as 1 / rank.
      const intent = order[Math.floor(order.length * random.next() ** 2.2)] as Intent;
      const text = random.pick(intent.questions);
      const typed =
        random.next() < 0.3 ? text.toLowerCase() : random.next() < 0.3 ? text.replace(/\?$/, '') : text;
      const query = { ...BASE, tenant: `tenant ${tenant}`, user: `user ${random.int(50)}`, text: typed };
      return { query, intent };
    }),
  );
  return random.shuffle(requests.flat());
}

// --- the phases --------------------------------------------------------------------------------------------------

const BASE: Contract.Query = {
  tenant: 'acme',
  user: 'ann',
  model: 'gpt-4o-mini',
  system: 'You are the help desk.',
  earlier: [],
  text: '',
};

async function serve(
  cache: Subject.SemanticCache,
  requests: readonly { query: Contract.Query; intent: Intent }[],
  clock: Clock,
): Promise<Served[]> {
  const made = new Map<string, { intent: Intent; query: Contract.Query }>();
  const served: Served[] = [];
  for (const [i, { query, intent }] of requests.entries()) {
    const startMs = clock.now();
    const answer = await cache.lookup(structuredClone(query));
    const it: Served = { query, intent, waitedMs: clock.now() - startMs };
    const source = answer && made.get(answer.text);
    if (source) it.got = source;
    served.push(it);
    if (answer) continue;
    const text = `Answer ${i}.`;
    made.set(text, { intent, query });
    await cache.store(structuredClone(query), { text });
  }
  return served;
}

/** One question stored, and asked again word for word from elsewhere; and one answer that is for one user only. */
async function scopes(cache: Subject.SemanticCache) {
  const query = { ...BASE, text: 'How do I print an invoice?' };
  await cache.store(query, { text: 'For acme.' });
  const personal = { ...BASE, text: 'When is my next payment due?' };
  await cache.store(personal, { text: 'For Ann: on Friday.', personal: true });
  const elsewhere: [string, Contract.Query, string?][] = [
    ['the tenant "birch"', { ...query, tenant: 'birch' }],
    ['another model', { ...query, model: 'gpt-4o' }],
    ['another system prompt', { ...query, system: 'You answer in French.' }],
    ['the user "bob", after Ann,', { ...personal, user: 'bob' }, 'For Ann: on Friday.'],
  ];
  const seen: { name: string; got: Contract.Answer | undefined; leak: string }[] = [];
  for (const [name, asked, leak = 'For acme.'] of elsewhere)
    seen.push({ name, got: await cache.lookup(asked), leak });
  return {
    seen,
    again: await cache.lookup({ ...query, user: 'bob' }),
    own: await cache.lookup(personal),
    unrelated: await cache.lookup({ ...BASE, text: 'Where is my refund?' }),
  };
}

/** The same last turn after two different beginnings. */
async function conversation(subject: typeof Subject, embed: Contract.Embed, threshold: number) {
  const cache = new subject.SemanticCache(embed, threshold);
  const text = 'How much does it cost?';
  const about = (topic: string) => ({ ...BASE, earlier: [`Tell me about ${topic}`], text });
  await cache.store(about('phone support'), { text: 'Ten dollars.' });
  return {
    other: await cache.lookup(about('the mobile app')),
    bare: await cache.lookup({ ...BASE, text }),
    same: await cache.lookup(about('phone support')),
  };
}

const CHAIN = ['red green blue', 'cyan magenta yellow', 'black white grey'];

/** Three questions in a row: each is alike to the next, and the first is not to the last. */
async function breeding(subject: typeof Subject) {
  const angle = (text: string) => CHAIN.indexOf(text) * 0.64;
  const embed: Contract.Embed = async (texts) =>
    texts.map((text) => Float32Array.of(Math.cos(angle(text)), Math.sin(angle(text))));
  const cache = new subject.SemanticCache(embed, 0.79);
  const at = (text: string) => ({ ...BASE, text });
  const [first, second, third] = CHAIN as [string, string, string];
  await cache.store(at(first), { text: 'About the first.' });
  await cache.lookup(at(second));
  return cache.lookup(at(third));
}

/** Draws sets of labelled pairs from distributions that are known, so that the true rate at a threshold is known too. */
function drawThresholds(subject: typeof Subject, seed: number) {
  const kinds = [
    { same: [0.8, 0.08], other: [0.5, 0.1] },
    { same: [0.93, 0.025], other: [0.84, 0.03] },
  ] as const;
  const draws = Array.from({ length: DRAWS }, (_, i) => {
    const { same, other } = kinds[i % kinds.length] as (typeof kinds)[number];
    const random = randomFor(seed, 'pairs', i);
    const text = 'the same words on both sides';
    const pairs = Array.from({ length: 500 }, () => {
      const isSame = random.next() < 0.6;
      const [mean, spread] = isSame ? same : other;
      return { question: text, neighbour: text, similarity: mean + spread * random.normal(), same: isSame };
    });
    const threshold = subject.chooseThreshold(pairs, MAX_FALSE);
    const above = ([mean, spread]: readonly [number, number]) => 1 - normalBelow((threshold - mean) / spread);
    return { threshold, falseRate: 0.4 * above(other), hitRate: 0.6 * above(same) };
  });
  return {
    tooMany: draws.filter(({ falseRate }) => !(falseRate <= MAX_FALSE)).length,
    meanHits: sum(draws.map(({ hitRate }) => hitRate)) / draws.length,
  };
}

/** The distribution of a standard normal (Abramowitz and Stegun 7.1.26, to seven digits). */
function normalBelow(x: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(x) / Math.SQRT2));
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-((x / Math.SQRT2) ** 2));
  return x >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}
