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

/** One question stored, and asked again word for word from elsewhere; and one answer that is for one user only. */
export async function scopes(cache: Subject.SemanticCache) {
  const query = { ...BASE, text: 'How do I print an invoice?' };
  await cache.store(query, { text: 'For acme.' });
  const personal = { ...BASE, text: 'When is my next payment due?' };
  await cache.store(personal, { text: 'For Ann: on Friday.', personal: true });
  const elsewhere: [string, Contract.Query, string?][] = [
    ['the tenant "birch"', { ...query, tenant: 'birch' }],
    ['another model', { ...query, model: modelFor('strong') }],
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

const CHAIN = ['red green blue', 'cyan magenta yellow', 'black white grey'];

/** Three questions in a row: each is alike to the next, and the first is not to the last. */
export async function breeding(subject: typeof Subject) {
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
