import type { Answer, Embed, Pair, Query } from '#course/day3-caching/contracts/semantic-cache.ts';
import { dot, upperBound } from '#course/day3-caching/similarity.ts';

type Kept = { vector: Float32Array; answer: Answer; query: Query };

const NUMBERS_AND_NAMES = /\p{N}+|\b(?:basic|pro|shopify|etsy|stripe)\b/giu;
const DAYS_AND_MONTHS =
  /\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september|october|november|december)\b/gi;
const SIDES =
  'not|no|never|without,with,on,off,before,after,upgrade,downgrade,add|invite,remove|delete,accept|accepted,declined|reject|rejected|refused'.split(
    ',',
  );
const FILLERS =
  /^(?:an?|the|my|our|your|is|are|do|does|can|how|what|where|i|to|for|of|in|please|want|need|it)$/;

/** Everything besides meaning that has to agree, as one text. */
function fingerprint({ tenant, model, system, earlier, text }: Query): string {
  const found = [...text.matchAll(NUMBERS_AND_NAMES), ...text.matchAll(DAYS_AND_MONTHS)];
  const marks = found.map(([mark]) => mark.toLowerCase()).sort();
  const sides = SIDES.map((words) => new RegExp(`\\b(?:${words})\\b`, 'i').test(text));
  return JSON.stringify([tenant, model, system, earlier, marks, sides]);
}

/** One list for each fingerprint; the nearest in it, unless a single word of weight was exchanged. */
export class SemanticCache {
  readonly #lists = new Map<string, Kept[]>();
  readonly #embed: Embed;
  readonly #threshold: number;

  constructor(embed: Embed, threshold: number) {
    [this.#embed, this.#threshold] = [embed, threshold];
  }

  async lookup(query: Query): Promise<Answer | undefined> {
    const list = (this.#lists.get(fingerprint(query)) ?? []).filter(
      ({ answer, query: { user } }) => !answer.personal || user === query.user,
    );
    const known = list.find((kept) => bare(kept.query.text) === bare(query.text));
    if (known || list.length === 0) return known?.answer;
    const [vector] = (await this.#embed([query.text])) as [Float32Array];
    const [nearest] = list
      .map((kept) => ({ kept, similarity: dot(kept.vector, vector) }))
      .filter(
        ({ kept, similarity }) => similarity >= this.#threshold && !isExchange(kept.query.text, query.text),
      )
      .sort((a, b) => b.similarity - a.similarity);
    return nearest?.kept.answer;
  }

  async store(query: Query, answer: Answer): Promise<void> {
    const [vector] = await this.#embed([query.text]);
    const name = fingerprint(query);
    if (vector) this.#lists.set(name, [...(this.#lists.get(name) ?? []), { vector, answer, query }]);
  }
}

/** The same sentence but for one word that carries weight. */
function isExchange(a: string, b: string): boolean {
  const [one, other] = [words(a), words(b)];
  const lost = one.filter((word) => !other.includes(word));
  const won = other.filter((word) => !one.includes(word));
  return lost.length === 1 && won.length === 1;
}

function words(text: string): string[] {
  return bare(text)
    .split(/\W+/)
    .filter((word) => !FILLERS.test(word));
}

function bare(text: string): string {
  return text.toLowerCase().replace(/\W+$/, '');
}

/** Tries the similarity of each pair as a threshold, from the loosest to the strictest. */
export function chooseThreshold(pairs: readonly Pair[], maxFalse: number): number {
  const base = { tenant: '', user: '', model: '', system: '', earlier: [] };
  const agree = ({ question, neighbour }: Pair) =>
    fingerprint({ ...base, text: question }) === fingerprint({ ...base, text: neighbour }) &&
    !isExchange(question, neighbour);
  const candidates = pairs.filter(agree).toSorted((a, b) => a.similarity - b.similarity);
  let wrong = candidates.filter(({ same }) => !same).length;
  const left = new Map<number, number>();
  for (const { similarity, same } of candidates) {
    if (!left.has(similarity)) left.set(similarity, wrong);
    if (!same) wrong -= 1;
  }
  const found = [...left].find(([, errors]) => upperBound(errors, pairs.length) <= maxFalse);
  return found?.[0] ?? Number.POSITIVE_INFINITY;
}
