import type { Answer, Embed, Pair, Query } from '#course/day3-caching/contracts/semantic-cache.ts';

interface Entry {
  query: Query;
  vector: Float32Array;
  answer: Answer;
}

/** Words on which the answer turns, whatever the vectors say; the last are the names in our product. */
const TURNS = new Set(
  (
    'not no never without with before after on off in out up down upgrade downgrade enable disable add remove accept ' +
    'accepted reject rejected decline declined monday tuesday wednesday thursday friday saturday sunday january february ' +
    'march april may june july august september october november december basic pro shopify etsy stripe'
  ).split(' '),
);
/** Words of asking: two questions that differ in these alone may be the same. */
const ASKING = new Set(
  (
    'a an the and or of to in for i my me we our you your it is are was be do does did can could how what where when why ' +
    'which who there please tell want need would like get have has with from by at on this that'
  ).split(' '),
);

/** Exact first, then by meaning within one scope; a near miss in figures, names or turning words is a miss. */
export class SemanticCache {
  readonly #embed: Embed;
  readonly #threshold: number;
  readonly #exact = new Map<string, Entry>();
  readonly #scopes = new Map<string, Entry[]>();

  constructor(embed: Embed, threshold: number) {
    this.#embed = embed;
    this.#threshold = threshold;
  }

  async lookup(query: Query): Promise<Answer | undefined> {
    const scope = scopeOf(query);
    const exact = this.#exact.get(scope + wordsOf(query.text).join(' '));
    if (exact && mayServe(exact, query)) return exact.answer;
    const [vector] = await this.#embed([query.text]);
    let best: { entry: Entry; similarity: number } | undefined;
    for (const entry of this.#scopes.get(scope) ?? []) {
      const similarity = dot(entry.vector, vector);
      if (similarity < this.#threshold || similarity <= (best?.similarity ?? 0) || !mayServe(entry, query))
        continue;
      if (couldMeanTheSame(entry.query.text, query.text)) best = { entry, similarity };
    }
    return best?.entry.answer;
  }

  async store(query: Query, answer: Answer): Promise<void> {
    const [vector] = await this.#embed([query.text]);
    if (!vector) return;
    const scope = scopeOf(query);
    const entry = { query, vector, answer };
    this.#exact.set(scope + wordsOf(query.text).join(' '), entry);
    this.#scopes.set(scope, [...(this.#scopes.get(scope) ?? []), entry]);
  }
}

/** Only the question is compared by meaning; all around it must be equal. */
function scopeOf({ tenant, model, system, earlier }: Query): string {
  return JSON.stringify([tenant, model, system, earlier]);
}

function mayServe({ answer, query }: Entry, asked: Query): boolean {
  return !answer.personal || query.user === asked.user;
}

/** False where figures or turning words differ, and where one word of substance was put in the place of another. */
function couldMeanTheSame(a: string, b: string): boolean {
  const [one, other] = [wordsOf(a), wordsOf(b)];
  const turns = (words: string[]) =>
    words
      .filter((word) => /\d/.test(word) || TURNS.has(word))
      .sort()
      .join(' ');
  if (turns(one) !== turns(other)) return false;
  const without = (words: string[], known: string[]) =>
    words.filter((word) => !ASKING.has(word) && !known.includes(word));
  return without(one, other).length !== 1 || without(other, one).length !== 1;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The lowest similarity at which at most `maxFalse` of all requests get a wrong answer, on other questions than these. */
export function chooseThreshold(pairs: readonly Pair[], maxFalse: number): number {
  const sorted = pairs
    .filter(({ question, neighbour }) => couldMeanTheSame(question, neighbour))
    .sort((a, b) => b.similarity - a.similarity);
  let threshold = 1;
  let wrong = 0;
  for (const { similarity, same } of sorted) {
    if (!same) wrong += 1;
    if (upperBound(wrong, pairs.length) > maxFalse) break;
    threshold = similarity;
  }
  return threshold;
}

/** What the true share is below with a confidence of 95 % (Wilson, with the correction for continuity). */
function upperBound(wrong: number, n: number): number {
  const z = 1.645;
  const p = wrong / n;
  const root = z * Math.sqrt(z * z + 2 - 1 / n + 4 * p * (n * (1 - p) - 1));
  return (2 * n * p + z * z + 1 + root) / (2 * (n + z * z));
}

function dot(a: Float32Array, b: Float32Array | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b?.[i] ?? 0);
  return sum;
}
