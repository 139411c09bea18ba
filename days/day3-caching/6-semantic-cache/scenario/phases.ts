import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { modelFor, randomFor, sum, type World } from '#lib/provider';
import type * as Contract from '../../contracts/semantic-cache.ts';
import type { Intent } from '../../corpus.ts';
import { normalBelow } from './bounds.ts';
import { BASE } from './traffic.ts';

type Clock = World<unknown>['clock'];

export const EMBED_MS = 80;

/** A wrong answer to one request in a hundred, at the upper end of the interval. */
export const MAX_FALSE = 0.01;
/** Half of it for the threshold: other questions are never quite like those it was chosen on. */
export const THRESHOLD_FALSE = MAX_FALSE / 2;

export const DRAWS = 40;
/** How often a part of the calibration questions is drawn to be stored, while the others ask. */
export const ROUNDS = 8;

/** One request of the hidden traffic and what came of it. */
interface Served {
  query: Contract.Query;
  intent: Intent;
  /** Whose answer was served, and for which question it was made; undefined for a miss. */
  got?: { intent: Intent; query: Contract.Query };
  waitedMs: number;
}

export function isWrong({ got, intent, query }: Served): boolean {
  return got !== undefined && (got.intent.id !== intent.id || got.query.tenant !== query.tenant);
}

export async function serve(
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

/** Questions that are asked again word for word: from elsewhere, and by those whom they are for. */
export async function scopes(subject: typeof Subject, embed: Contract.Embed, threshold: number) {
  const asked: string[][] = [];
  const counted: Contract.Embed = (texts) => {
    asked.push(texts);
    return embed(texts);
  };
  const cache = new subject.SemanticCache(counted, threshold);
  const look = async (query: Contract.Query) => {
    const before = asked.length;
    const got = await cache.lookup(query);
    return { text: query.text, got: got?.text, vectors: asked.slice(before).flat().length };
  };
  const query = { ...BASE, text: 'How do I print an invoice?' };
  await cache.store(query, { text: 'For acme.' });
  const personal = { ...BASE, text: 'When is my next payment due?' };
  await cache.store(personal, { text: 'For Ann: on Friday.', personal: true });
  const glued = { ...BASE, tenant: 'acme', model: 'small', system: 'You help.', text: 'Who are you?' };
  await cache.store(glued, { text: 'One of acme.' });
  const elsewhere: [string, Contract.Query, string?][] = [
    ['the tenant "birch"', { ...query, tenant: 'birch' }],
    ['another model', { ...query, model: modelFor('strong') }],
    ['another system prompt', { ...query, system: 'You answer in French.' }],
    ['the user "bob", after Ann,', { ...personal, user: 'bob' }, 'For Ann: on Friday.'],
    [
      'the tenant "acmes", whose model is "mall",',
      { ...glued, tenant: 'acmes', model: 'mall' },
      'One of acme.',
    ],
  ];
  const seen: { name: string; got: string | undefined; leak: string }[] = [];
  for (const [name, other, leak = 'For acme.'] of elsewhere)
    seen.push({ name, got: (await look(other)).got, leak });
  await cache.store({ ...personal, user: 'bob' }, { text: 'For Bob: on Monday.', personal: true });
  return {
    seen,
    again: [
      { ...(await look({ ...query, user: 'bob' })), wanted: 'For acme.' },
      { ...(await look({ ...query, text: 'how do I print an INVOICE' })), wanted: 'For acme.' },
      { ...(await look(personal)), wanted: 'For Ann: on Friday.' },
      { ...(await look({ ...personal, user: 'bob' })), wanted: 'For Bob: on Monday.' },
    ],
    unrelated: await look({ ...BASE, text: 'Where is my refund?' }),
  };
}

/** The same last turn after two different beginnings. */
export async function conversation(subject: typeof Subject, embed: Contract.Embed, threshold: number) {
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

/** A cache whose vectors are told, so that it is known how alike any two texts are. */
function drawnCache(subject: typeof Subject, vectors: Record<string, [number, number]>, threshold: number) {
  const embed: Contract.Embed = async (texts) =>
    texts.map((text) => Float32Array.from(vectors[text] ?? [1, 0]));
  const cache = new subject.SemanticCache(embed, threshold);
  return {
    store: (text: string) => cache.store({ ...BASE, text }, { text: `About ${text}.` }),
    lookup: async (text: string) => (await cache.lookup({ ...BASE, text }))?.text,
  };
}

function turned(angle: number): [number, number] {
  return [Math.cos(angle), Math.sin(angle)];
}

/** Several questions that are alike enough, in every order; one that is as alike as the threshold, and one that is less. */
export async function alike(subject: typeof Subject) {
  const vectors = {
    'black white grey': turned(0),
    'red green blue': turned(0.1),
    'cyan magenta yellow': turned(0.4),
    'pink purple orange': turned(0.6),
  };
  const [asked, ...stored] = Object.keys(vectors) as [string, string, string, string];
  const nearest: (string | undefined)[] = [];
  for (const first of [0, 1, 2]) {
    const cache = drawnCache(subject, vectors, 0.8);
    for (const i of [0, 1, 2]) await cache.store(stored[(first + i) % 3] as string);
    nearest.push(await cache.lookup(asked));
  }
  const atThreshold = async (threshold: number) => {
    const cache = drawnCache(subject, { [asked]: [1, 0], [stored[0]]: [0.5, Math.sqrt(0.75)] }, threshold);
    await cache.store(stored[0]);
    return cache.lookup(asked);
  };
  const wanted = `About ${stored[0]}.`;
  return { wanted, nearest, at: await atThreshold(0.5), below: await atThreshold(0.501) };
}

const CHAIN = ['red green blue', 'cyan magenta yellow', 'black white grey'];

/** Three questions in a row: each is alike to the next, and the first is not to the last. */
export async function breeding(subject: typeof Subject) {
  const [first, second, third] = CHAIN as [string, string, string];
  const vectors = { [first]: turned(0), [second]: turned(0.64), [third]: turned(1.28) };
  const cache = drawnCache(subject, vectors, 0.79);
  await cache.store(first);
  await cache.lookup(second);
  return cache.lookup(third);
}

/** Questions that a vector hardly tells apart, and that have other answers. */
const TURNS = [
  ['Can I have 5 seats?', 'Can I have 50 seats?'],
  ['What is new on Monday?', 'What is new on Tuesday?'],
  ['What do I pay in March?', 'What do I pay in April?'],
  ['Does it work with Shopify?', 'Does it work with Etsy?'],
  ['What is in the Basic plan?', 'What is in the Pro plan?'],
  ['Was my card charged?', 'Was my card not charged?'],
  ['Can I cancel before the delivery?', 'Can I cancel after the delivery?'],
  ['Is the price with tax?', 'Is the price without tax?'],
  ['How do I turn alerts on?', 'How do I turn alerts off?'],
  ['How do I upgrade my plan?', 'How do I downgrade my plan?'],
  ['How do I add a member?', 'How do I remove a member?'],
] as const;

/** Each pair, with vectors that are the same. */
export async function turns(subject: typeof Subject) {
  const mixed: { stored: string; asked: string }[] = [];
  for (const pair of TURNS)
    for (const [stored, asked] of [pair, pair.toReversed() as [string, string]]) {
      const cache = drawnCache(subject, {}, 0.9);
      await cache.store(stored);
      if ((await cache.lookup(asked)) !== undefined) mixed.push({ stored, asked });
    }
  return mixed;
}

/** Labelled pairs for which it can be told by hand where the threshold belongs: just above the pair that is one error too many. */
export function chosen(subject: typeof Subject) {
  const text = 'the same words on both sides';
  const words = { question: text, neighbour: text };
  const pairs = (count: number, wrongAt: readonly number[]): Contract.Pair[] =>
    Array.from({ length: count }, (_, i) => ({
      ...words,
      similarity: 1 - i / 10_000,
      same: !wrongAt.includes(i),
    }));
  const tie = pairs(400, [200, 300]);
  tie[299] = { ...words, similarity: 1 - 300 / 10_000, same: true };
  const turned = pairs(400, [200, 300]);
  turned[50] = {
    question: 'Can I have 5 seats?',
    neighbour: 'Can I have 50 seats?',
    similarity: 0.995,
    same: false,
  };
  const sets: { name: string; pairs: Contract.Pair[]; served: number }[] = [
    // Of 400, one error is at most 1.2 % and two are at most 1.6 %.
    { name: '400 pairs, wrong are the 201st and the 301st', pairs: pairs(400, [200, 300]), served: 300 },
    { name: '400 pairs, wrong is the first', pairs: pairs(400, [0]), served: 400 },
    {
      name: '400 pairs, the 300th is right and just as alike as the 301st, which is wrong',
      pairs: tie,
      served: 299,
    },
    {
      name: '400 pairs, wrong are the 201st, the 301st and the 51st, which your cache turns down for its figures',
      pairs: turned,
      served: 300,
    },
    { name: '400 pairs, none of them wrong', pairs: pairs(400, []), served: 400 },
    { name: 'ten pairs, of which nothing can be said', pairs: pairs(10, []), served: 0 },
  ];
  return sets.map(({ name, pairs: ordered, served }) => {
    // In no order: every seventh, and so on.
    const mixed = Array.from(
      { length: ordered.length },
      (_, i) => ordered[(i * 7) % ordered.length] as Contract.Pair,
    );
    const threshold = subject.chooseThreshold(mixed, 0.0125);
    return {
      name,
      threshold,
      wanted: served,
      served: mixed.filter((it) => it.similarity >= threshold).length,
    };
  });
}

/** Draws sets of labelled pairs from distributions that are known, so that the true rate at a threshold is known too. */
export function drawThresholds(subject: typeof Subject, seed: number) {
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
