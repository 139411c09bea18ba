import type { Answer, Embed, Pair, Query } from '#course/day3-caching/contracts/semantic-cache.ts';
import { dot, upperBound } from '#course/day3-caching/similarity.ts';

const DAYS = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ');
const MONTHS = 'january february march april may june july august september october november december'.split(
  ' ',
);
const PRODUCTS = 'basic pro shopify etsy stripe'.split(' ');
/** Each kind of word is one thing that may be said in a question; its sides must not be mixed up. */
const OPPOSITES =
  'with/without before/after on/off add/remove upgrade/downgrade enable/disable accept/reject accepted/rejected accept/decline up/down in/out not never no'
    .split(' ')
    .flatMap((pair) => pair.split('/'));
const LOUD = new Set([...DAYS, ...MONTHS, ...PRODUCTS, ...OPPOSITES]);
const QUIET = new Set(
  'a an the i me my we our you your it its is are was do does did can could how what where when why which who to of for and or in please tell want need would like get have'.split(
    ' ',
  ),
);

/** What a question says, in three parts that are judged differently. */
function reading(text: string): { all: string; loud: string; rest: string[] } {
  const words = text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  const loud = words.filter((word) => LOUD.has(word) || /\p{N}/u.test(word)).sort();
  return { all: words.join(' '), loud: loud.join(' '), rest: words.filter((word) => !QUIET.has(word)) };
}

function contradicts(a: string, b: string): boolean {
  const [one, other] = [reading(a), reading(b)];
  if (one.loud !== other.loud) return true;
  const only = (words: string[], others: string[]) => words.filter((word) => !others.includes(word)).length;
  // One word of weight in the place of another: "export" for "import".
  return only(one.rest, other.rest) === 1 && only(other.rest, one.rest) === 1;
}

type Stored = { words: string; for: string | undefined; text: string; vector: Float32Array; answer: Answer };

/** A room for each tenant, model, prompt and conversation; nothing is compared across rooms. */
export class SemanticCache {
  readonly #rooms = new Map<string, Stored[]>();
  readonly #embed: Embed;
  readonly #threshold: number;

  constructor(embed: Embed, threshold: number) {
    this.#embed = embed;
    this.#threshold = threshold;
  }

  lookup(query: Query): Promise<Answer | undefined> {
    const visible = this.#room(query).filter((it) => it.for === undefined || it.for === query.user);
    const { all } = reading(query.text);
    const known = visible.findLast(({ words }) => words === all);
    if (known) return Promise.resolve(known.answer);
    return this.#embed([query.text]).then(
      ([vector]) => nearest(visible, query.text, vector as Float32Array, this.#threshold)?.answer,
    );
  }

  store(query: Query, answer: Answer): Promise<void> {
    return this.#embed([query.text]).then(([vector]) => {
      this.#room(query).push({
        words: reading(query.text).all,
        for: answer.personal ? query.user : undefined,
        text: query.text,
        vector: vector as Float32Array,
        answer,
      });
    });
  }

  #room({ tenant, model, system, earlier }: Query): Stored[] {
    const name = JSON.stringify({ tenant, model, system, earlier });
    const room = this.#rooms.get(name) ?? [];
    this.#rooms.set(name, room);
    return room;
  }
}

function nearest(stored: Stored[], text: string, vector: Float32Array, atLeast: number): Stored | undefined {
  return stored
    .filter((it) => !contradicts(it.text, text))
    .map((it) => ({ it, similarity: dot(it.vector, vector) }))
    .filter(({ similarity }) => similarity >= atLeast)
    .reduce<{ it: Stored; similarity: number } | undefined>(
      (best, next) => (best && best.similarity >= next.similarity ? best : next),
      undefined,
    )?.it;
}

/** Halves the list of thresholds that can be told apart: the share of errors only grows as the threshold falls. */
export function chooseThreshold(pairs: readonly Pair[], maxFalse: number): number {
  const served = pairs.filter(({ question, neighbour }) => !contradicts(question, neighbour));
  const levels = [...new Set(served.map(({ similarity }) => similarity))].sort((a, b) => b - a);
  const isWithin = (level: number) =>
    upperBound(served.filter((it) => !it.same && it.similarity >= level).length, pairs.length) <= maxFalse;
  const search = (low: number, high: number): number => {
    if (low >= high) return low;
    const middle = (low + high) >> 1;
    return isWithin(levels[middle] as number) ? search(middle + 1, high) : search(low, middle);
  };
  const count = search(0, levels.length);
  return count === 0 ? 1.01 : (levels[count - 1] as number);
}
