import type { Answer, Embed, Pair, Query } from '#course/day3-caching/contracts/semantic-cache.ts';
import { dot, upperBound } from '#course/day3-caching/similarity.ts';

interface Entry {
  scope: string;
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
/** Exact first, then by meaning within one scope; a near miss in figures, names or turning words is a miss. */
export class SemanticCache {
  readonly #embed: Embed;
  readonly #threshold: number;
  readonly #exact = new Map<string, Answer>();
  readonly #entries: Entry[] = [];

  constructor(embed: Embed, threshold: number) {
    this.#embed = embed;
    this.#threshold = threshold;
  }

  async lookup(query: Query): Promise<Answer | undefined> {
    const known = this.#exact.get(exactKey(query, true)) ?? this.#exact.get(exactKey(query, false));
    if (known) return known;
    const [vector] = (await this.#embed([query.text])) as [Float32Array];
    const scope = scopeOf(query);
    let best: Entry | undefined;
    let most = this.#threshold;
    for (const entry of this.#entries) {
      const similarity = dot(entry.vector, vector);
      if (similarity < most || entry.scope !== scope || !mayServe(entry, query)) continue;
      if (couldMeanTheSame(entry.query.text, query.text)) [best, most] = [entry, similarity];
    }
    return best?.answer;
  }

  async store(query: Query, answer: Answer): Promise<void> {
    const [vector] = (await this.#embed([query.text])) as [Float32Array];
    this.#exact.set(exactKey(query, answer.personal === true), answer);
    this.#entries.push({ scope: scopeOf(query), query, vector, answer });
  }
}

/** Only the question is compared by meaning; all around it must be equal. */
function scopeOf({ tenant, model, system, earlier }: Query): string {
  return JSON.stringify([tenant, model, system, earlier]);
}

function exactKey(query: Query, isPersonal: boolean): string {
  return JSON.stringify([scopeOf(query), isPersonal && query.user, wordsOf(query.text)]);
}

function mayServe({ answer, query }: Entry, asked: Query): boolean {
  return !answer.personal || query.user === asked.user;
}

/** False where figures or turning words differ. */
function couldMeanTheSame(a: string, b: string): boolean {
  const turns = (text: string) =>
    wordsOf(text)
      .filter((word) => /\d/.test(word) || TURNS.has(word))
      .sort()
      .join(' ');
  return turns(a) === turns(b);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/** The lowest similarity at which at most `maxFalse` of all requests get a wrong answer, on other questions than these. */
export function chooseThreshold(pairs: readonly Pair[], maxFalse: number): number {
  const answered = pairs
    .filter(({ question, neighbour }) => couldMeanTheSame(question, neighbour))
    .sort((a, b) => a.similarity - b.similarity);
  const isWithin = ({ similarity }: Pair) => {
    const wrong = answered.filter((it) => !it.same && it.similarity >= similarity).length;
    return upperBound(wrong, pairs.length) <= maxFalse;
  };
  return answered.find(isWithin)?.similarity ?? 2;
}
