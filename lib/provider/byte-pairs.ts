import { atOnce, type Steps } from './steps.ts';

/** The tokens of an encoding, from their bytes (one character each) to their ranks. */
export type Ranks = ReadonlyMap<string, number>;

const TOKENS_A_STEP = 500;

/** Reads a rank file of tiktoken's: lines of `! first-rank token token …`, each token in base64. */
export function* readRanks(text: string): Steps<Ranks> {
  const ranks = new Map<string, number>();
  for (const line of text.split('\n')) {
    let rank = -1;
    // Word by word: two million characters at once would take a while.
    for (let from = line.indexOf(' ') + 1; from > 0 && from < line.length; ) {
      const space = line.indexOf(' ', from);
      const to = space < 0 ? line.length : space;
      const word = line.slice(from, to);
      if (rank < 0) rank = Number(word);
      else {
        ranks.set(Buffer.from(word, 'base64').toString('latin1'), rank);
        rank += 1;
      }
      if (rank % TOKENS_A_STEP === 0) yield;
      from = to + 1;
    }
  }
  return ranks;
}

/** No token is longer; longer stretches need no look-up. */
const LONGEST_TOKEN = 128;

/** How many tokens byte-pair encoding makes of some bytes. */
export function countTokensOf(bytes: string, ranks: Ranks): number {
  return atOnce(countInSteps(bytes, ranks));
}

/** So many merges take a few milliseconds. */
const MERGES_A_STEP = 5000;
const PLACES_A_STEP = 100_000;

/**
 * The same, with a pause after each few milliseconds of work. Of all neighbours that make a token together, those of the
 * lowest rank are merged first, the leftmost of equals. A heap finds them, so the time grows with n log n; tiktoken's own
 * search is quadratic, and 100,000 letters without a space took it more than a minute (openai/tiktoken#195).
 */
export function* countInSteps(bytes: string, ranks: Ranks): Steps<number> {
  const { length } = bytes;
  if (length < 2 || ranks.has(bytes)) return Math.min(length, 1);
  // To take so much memory at once takes as long as some of the work.
  const heap = createHeap(3 * length);
  yield;
  // Tokens as a linked list of where they begin; `pairs` holds the rank of a token together with the one after it.
  const next = new Int32Array(length + 1).fill(length);
  yield;
  const before = new Int32Array(length + 1);
  yield;
  const pairs = new Int32Array(length + 1).fill(-1);
  for (let at = 0; at < length; at += 1) {
    next[at] = at + 1;
    before[at] = at - 1;
    if (at % PLACES_A_STEP === 0) yield;
  }
  for (let at = 0; at < length - 1; at += 1) {
    rankPair(at);
    if (at % MERGES_A_STEP === MERGES_A_STEP - 1) yield;
  }
  let count = length;
  let seen = 0;
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    seen += 1;
    if (seen % MERGES_A_STEP === 0) yield;
    const at = top % POSITIONS;
    // Found in the heap after one of its halves was merged with another: out of date.
    if (pairs[at] !== Math.floor(top / POSITIONS)) continue;
    const gone = next[at] as number;
    const after = next[gone] as number;
    next[at] = after;
    before[after] = at;
    pairs[gone] = -1;
    count -= 1;
    rankPair(at);
    if (at > 0) rankPair(before[at] as number);
  }
  return count;

  function rankPair(at: number): void {
    const middle = next[at] as number;
    const end = next[middle] as number;
    const tooLong = middle >= length || end - at > LONGEST_TOKEN;
    const rank = tooLong ? undefined : ranks.get(bytes.slice(at, end));
    pairs[at] = rank ?? -1;
    if (rank !== undefined) heap.push(rank * POSITIONS + at);
  }
}

/** Rank and position are one number, so that the heap compares them at once. */
const POSITIONS = 2 ** 32;

function createHeap(most: number): { push(value: number): void; pop(): number | undefined } {
  const values = new Float64Array(most);
  let size = 0;
  return {
    push(value) {
      let at = size;
      size += 1;
      for (let above = (at - 1) >> 1; at > 0 && (values[above] as number) > value; above = (at - 1) >> 1) {
        values[at] = values[above] as number;
        at = above;
      }
      values[at] = value;
    },
    pop() {
      if (size === 0) return undefined;
      const top = values[0];
      size -= 1;
      const last = values[size] as number;
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && (values[child + 1] as number) < (values[child] as number)) child += 1;
        if ((values[child] as number) >= last) break;
        values[at] = values[child] as number;
        at = child;
      }
      values[at] = last;
      return top;
    },
  };
}
