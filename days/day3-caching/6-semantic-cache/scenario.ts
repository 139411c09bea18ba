import type OpenAI from 'openai';
import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { defineScenario, percentile, type Random, randomFor, sum, type World } from '#lib/provider';
import { INTENTS, type Intent } from '../corpus.ts';
import { provider } from '../provider.ts';

type Clock = World<unknown>['clock'];

const MODEL = 'text-embedding-3-small';
const DIMENSIONS = 384;
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
  query: Subject.Query;
  intent: Intent;
  /** Whose answer was served, and for which question it was made; undefined for a miss. */
  got?: { intent: Intent; query: Subject.Query };
  waitedMs: number;
}

/** A help desk for six customers: calibration on half of the questions, traffic from the other half. */
export const scenario = defineScenario({
  provider,
  traffic: (random) => {
    const { calibration, hidden } = split(random);
    return {
      rounds: Array.from({ length: ROUNDS }, () => roundOf(calibration, random)),
      requests: requestsOf(hidden, random),
    };
  },
  async play(subject: typeof Subject, { openai, clock, traffic, seed }) {
    await learnVectors(openai);
    const pairs = traffic.rounds.flatMap(pairsOf);
    const threshold = subject.chooseThreshold(pairs, THRESHOLD_FALSE);
    const embed: Subject.Embed = async (texts) => {
      await clock.sleep(EMBED_MS);
      return Promise.all(texts.map((text) => vectorOf(text, openai)));
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
    const plain = new Set(requests.map(({ query }) => JSON.stringify([query.tenant, canonical(query.text)])));
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

/** The curve behind the threshold: hits and wrong answers of the bare similarity on labelled pairs. */
function curve(pairs: readonly Subject.Pair[]): string {
  const lines = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95].map((threshold) => {
    const hits = pairs.filter(({ similarity }) => similarity >= threshold);
    const wrong = hits.filter(({ same }) => !same).length;
    const share = (count: number) => `${((100 * count) / pairs.length).toFixed(1)} %`.padStart(7);
    const bar = '█'.repeat(Math.round((30 * hits.length) / pairs.length));
    return `${threshold.toFixed(2)}  ${share(hits.length)} hits  ${share(wrong)} wrong  ${bar}`;
  });
  return lines.join('\n');
}

// --- vectors -----------------------------------------------------------------------------------------------------

/** The corpus never changes, so its vectors are asked for once in a process. */
const vectors = new Map<string, Float32Array>();

async function learnVectors(openai: OpenAI): Promise<void> {
  if (vectors.size > 0) return;
  const texts = INTENTS.flatMap(({ questions }) => questions);
  const { data } = await openai.embeddings.create({ model: MODEL, input: texts, dimensions: DIMENSIONS });
  data.forEach(({ embedding }, i) => void vectors.set(texts[i] as string, Float32Array.from(embedding)));
}

async function vectorOf(text: string, openai: OpenAI): Promise<Float32Array> {
  // Capitals and marks at the end change nothing about a vector.
  const known =
    vectors.get(text) ?? [...spellings(text)].map((spelling) => vectors.get(spelling)).find(Boolean);
  if (known) return known.slice();
  const { data } = await openai.embeddings.create({ model: MODEL, input: text, dimensions: DIMENSIONS });
  const vector = Float32Array.from(data[0]?.embedding ?? []);
  vectors.set(text, vector);
  return vector.slice();
}

const bySpelling = new Map<string, string>();

function spellings(text: string): string[] {
  if (bySpelling.size === 0)
    for (const { questions } of INTENTS)
      for (const question of questions) bySpelling.set(canonical(question), question);
  const spelling = bySpelling.get(canonical(text));
  return spelling === undefined ? [] : [spelling];
}

function canonical(text: string): string {
  return text
    .toLowerCase()
    .replace(/[?.!]+$/, '')
    .trim();
}

function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

// --- the corpus --------------------------------------------------------------------------------------------------

function split(random: Random): { calibration: Intent[]; hidden: Intent[] } {
  const parts = INTENTS.map((intent) => {
    const questions = random.shuffle(intent.questions);
    const half = Math.ceil(questions.length / 2);
    return [
      { ...intent, questions: questions.slice(half) },
      { ...intent, questions: questions.slice(0, half) },
    ] as const;
  });
  return { calibration: parts.map(([one]) => one), hidden: parts.map(([, other]) => other) };
}

interface Round {
  stored: { question: string; id: string }[];
  asking: { question: string; id: string }[];
}

function roundOf(intents: readonly Intent[], random: Random): Round {
  const all = random.shuffle(
    intents.flatMap(({ id, questions }) => questions.map((question) => ({ id, question }))),
  );
  return { stored: all.slice(0, all.length / 2), asking: all.slice(all.length / 2) };
}

const likeness = new Map<string, Map<string, number>>();

/** How alike two questions of the corpus are; reckoned once in a process. */
function similarity(a: string, b: string): number {
  const known = likeness.get(a)?.get(b);
  if (known !== undefined) return known;
  const value = cosine(vectors.get(a) as Float32Array, vectors.get(b) as Float32Array);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    likeness.set(one, (likeness.get(one) ?? new Map<string, number>()).set(other, value));
  return value;
}

/** For each question that is asked, the most similar one that is stored. */
function pairsOf({ stored, asking }: Round): Subject.Pair[] {
  return asking.map(({ id, question }) => {
    const best = { similarity: -1, question: '', id: '' };
    for (const other of stored) {
      const alike = similarity(question, other.question);
      if (alike > best.similarity) Object.assign(best, other, { similarity: alike });
    }
    return { question, neighbour: best.question, similarity: best.similarity, same: best.id === id };
  });
}

function requestsOf(hidden: readonly Intent[], random: Random): { query: Subject.Query; intent: Intent }[] {
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

const BASE: Subject.Query = {
  tenant: 'acme',
  user: 'ann',
  model: 'gpt-4o-mini',
  system: 'You are the help desk.',
  earlier: [],
  text: '',
};

async function serve(
  cache: Subject.SemanticCache,
  requests: readonly { query: Subject.Query; intent: Intent }[],
  clock: Clock,
): Promise<Served[]> {
  const made = new Map<string, { intent: Intent; query: Subject.Query }>();
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
  const elsewhere: [string, Subject.Query, string?][] = [
    ['another tenant', { ...query, tenant: 'birch' }],
    ['another model', { ...query, model: 'gpt-4o' }],
    ['another system prompt', { ...query, system: 'You answer in French.' }],
    [
      'another user, with an answer made from the data of Ann',
      { ...personal, user: 'bob' },
      'For Ann: on Friday.',
    ],
  ];
  const seen: { name: string; got: Subject.Answer | undefined; leak: string }[] = [];
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
async function conversation(subject: typeof Subject, embed: Subject.Embed, threshold: number) {
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
  const embed: Subject.Embed = async (texts) =>
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
