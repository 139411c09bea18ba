import type { Random } from '../random.ts';

/**
 * Draws from 0 to `items - 1` as people ask questions: the k-th most popular in proportion to 1 / k^exponent (Zipf).
 * Public query logs lie between 0.6 and 1.1.
 */
export function zipf(random: Random, { items, exponent }: { items: number; exponent: number }): () => number {
  if (!(Number.isInteger(items) && items >= 1))
    throw new RangeError(`zipf: items must be a whole number from 1; received ${items}.`);
  const reach = new Float64Array(items);
  let sum = 0;
  for (let i = 0; i < items; i += 1) {
    sum += 1 / (i + 1) ** exponent;
    reach[i] = sum;
  }
  return () => {
    const drawn = random.next() * sum;
    let low = 0;
    let high = items - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((reach[middle] as number) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

export interface SessionPlan {
  /** When sessions start, as from one of the generators of arrivals. */
  starts: Iterable<number>;
  /** Mean number of turns; at least one. */
  meanTurns: number;
  /** Mean time between an answer being read and the next question. */
  meanThinkMs: number;
  /** Different shared beginnings (system prompts, documents); popular ones come more often. */
  prefixes: number;
  /** Zipf exponent of the beginnings. Default: 0.9. */
  exponent?: number;
}

/** One question of a conversation. */
export interface Turn {
  atMs: number;
  session: number;
  /** 0 for the first question of its session. */
  turn: number;
  /** Which shared beginning the session has. */
  prefix: number;
}

/** Conversations that share beginnings: turns of all sessions in the order of time. */
export function sessions(random: Random, plan: SessionPlan): Turn[] {
  const { starts, meanTurns, meanThinkMs, prefixes, exponent = 0.9 } = plan;
  const drawPrefix = zipf(random, { items: prefixes, exponent });
  const turns: Turn[] = [];
  let session = 0;
  for (const startMs of starts) {
    const prefix = drawPrefix();
    const count = 1 + Math.floor(random.exponential(meanTurns - 0.5 > 0.5 ? meanTurns - 0.5 : 0));
    let atMs = startMs;
    for (let turn = 0; turn < count; turn += 1) {
      turns.push({ atMs, session, turn, prefix });
      atMs += random.exponential(meanThinkMs);
    }
    session += 1;
  }
  return turns.sort((a, b) => a.atMs - b.atMs);
}
