import type { Answer, Embed, Pair, Query } from '#course/day3-caching/contracts/semantic-cache.ts';

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
    const [vector] = await this.#embed([query.text]);
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

/** However well it looks on these pairs: below, texts share a subject and no more. */
const LOOSEST = 0.66;

/** Tries thresholds from strict to loose, and stops where the exact binomial bound passes the budget. */
export function chooseThreshold(pairs: readonly Pair[], maxFalse: number): number {
  const base = { tenant: '', user: '', model: '', system: '', earlier: [] };
  const agree = ({ question, neighbour }: Pair) =>
    fingerprint({ ...base, text: question }) === fingerprint({ ...base, text: neighbour }) &&
    !isExchange(question, neighbour);
  const candidates = pairs.filter(agree);
  let chosen = 1;
  for (let threshold = 0.995; threshold > LOOSEST; threshold -= 0.005) {
    const wrong = candidates.filter(({ same, similarity }) => !same && similarity >= threshold).length;
    if (chanceOfSoFew(wrong, pairs.length, maxFalse) > 0.01) break;
    chosen = threshold;
  }
  return chosen;
}

/** How likely so few errors are if the true share is `p`. */
function chanceOfSoFew(wrong: number, n: number, p: number): number {
  let term = (1 - p) ** n;
  let total = term;
  for (let k = 1; k <= wrong; k += 1) {
    term *= ((n - k + 1) * p) / (k * (1 - p));
    total += term;
  }
  return total;
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b?.[i] ?? 0);
  return sum;
}
