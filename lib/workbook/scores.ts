import { labProgress, type Progress, type Score } from './progress.ts';

/** A score among those that the learner had before, on the same seed. */
export interface PersonalBest {
  score: number;
  /** The highest so far, this one included. */
  best: number;
  /** Points of the solution, and of the bound that no code can beat. */
  reference: number;
  limit: number;
}

/** The points that a lab's checks recorded under `best`; undefined where they keep no score. */
export function pointsIn(
  data: Record<string, unknown> | undefined,
): Pick<Score, 'score' | 'reference' | 'limit'> | undefined {
  const best = data?.best as Partial<Score> | null | undefined;
  if (typeof best !== 'object' || best === null) return undefined;
  const { score, reference, limit } = best;
  const known = [score, reference, limit].every((points) => Number.isFinite(points));
  return known ? ({ score, reference, limit } as Score) : undefined;
}

/** Remembers the score of an answer that passed. To check the same answer once more adds nothing. */
export function recordScore(progress: Progress, key: string, score: Score): PersonalBest {
  const entry = labProgress(progress, key);
  const scores = scoresOf(progress, key);
  const last = scores.at(-1);
  if (last?.seed !== score.seed || last.score !== score.score) scores.push(score);
  entry.scores = withinBounds(scores);
  const best = bestOf(scores, score.seed)?.score ?? score.score;
  return { score: score.score, best, reference: score.reference, limit: score.limit };
}

/** The scores that were kept, oldest first. Entries that are none are left out. */
export function scoresOf(progress: Progress, key: string): Score[] {
  const kept: unknown = progress.labs[key]?.scores;
  return Array.isArray(kept) ? kept.filter(isScore) : [];
}

/** The highest score on a seed: on another seed the same answer has other points. */
export function bestOf(scores: readonly Score[], seed: number): Score | undefined {
  const same = scores.filter((each) => each.seed === seed);
  return same.reduce<Score | undefined>(
    (best, each) => (best && best.score >= each.score ? best : each),
    undefined,
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

const MOST_SCORES = 200;

/** The newest ones, and the best of each seed however old it is. */
function withinBounds(scores: readonly Score[]): Score[] {
  const seeds = [...new Set(scores.map(({ seed }) => seed))];
  const bests = new Set(seeds.map((seed) => bestOf(scores, seed)));
  return scores.filter((each, at) => at >= scores.length - MOST_SCORES || bests.has(each));
}

function isScore(value: unknown): value is Score {
  const { at, seed, score, reference, limit } = (value ?? {}) as Partial<Score>;
  return typeof at === 'string' && [seed, score, reference, limit].every((each) => Number.isFinite(each));
}
