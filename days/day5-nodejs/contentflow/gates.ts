import { percentile, type Reading, sum, type Unit } from '#lib/provider';
import { ofMean, ofPercentile, ofShare } from './intervals.ts';
import { firstMs, type Outcome, prepaidSpent, type Quality, tookMs } from './outcome.ts';
import { perfectDay, type Result, scoreOf } from './score.ts';

/** What a day has to reach. */
export const TARGETS = {
  /** Of what the naive assistant pays, */
  cost: 0.6,
  /** and of what the day costs with everything done that each segment allows, at the hit rate asked for. */
  soundCost: 1.25,
  p95Ms: 2000,
  meanMs: 1000,
  brownOutMs: 4000,
  firstMs: 800,
  hits: 0.6,
  wrong: 0.01,
  /** The upper end of the interval of the wrong answers. */
  wrongAtMost: 0.015,
  errors: 0.002,
  refused: 0.01,
  /** Points below the strongest model, in each segment. */
  quality: 0.01,
  /** Of the answers of the brown-out, those that say that they are less than was asked for. */
  excused: 0.1,
} as const;

/** The figures of a day by the names that the reports use. */
export function readingsOf(outcome: Outcome): Record<string, Reading> {
  const { served, help, calls, least, steady, brownOut } = outcome;
  const took = steady.map(tookMs);
  const firsts = steady.map(firstMs);
  const right = help.filter((it) => it.hit && !it.wrong && !it.foreign && !it.stale).length;
  const wrong = help.filter((it) => it.wrong).length;
  const bestRate =
    1 - new Set(help.map(({ task }) => `${task.request.tenant} ${task.topic}`)).size / help.length;
  const share = (count: number, n: number) => ({
    value: count / Math.max(1, n),
    interval: ofShare(count, Math.max(1, n)),
  });
  return {
    'total cost': lower('microUsd', outcome.costMicroUsd, costTarget(outcome), least.costMicroUsd),
    'cost where no cache helps': lower(
      'microUsd',
      outcome.restMicroUsd,
      TARGETS.soundCost * outcome.sound.restMicroUsd,
      least.restMicroUsd,
    ),
    'mean end to end': { ...lower('ms', mean(took), TARGETS.meanMs, null), interval: ofMean(took) },
    'p95 end to end': {
      ...lower('ms', percentile(took, 95), TARGETS.p95Ms, null),
      interval: ofPercentile(took, 95),
    },
    'p95 in the brown-out': lower('ms', percentile(brownOut.map(tookMs), 95), TARGETS.brownOutMs, null),
    'p95 TTFT': {
      ...lower('ms', percentile(firsts, 95), TARGETS.firstMs, null),
      interval: ofPercentile(firsts, 95),
    },
    'hit rate': {
      unit: 'share',
      better: 'higher',
      ...share(right, help.length),
      target: TARGETS.hits,
      limit: bestRate,
    },
    'wrong from the cache': { ...lower('share', 0, TARGETS.wrong, 0), ...share(wrong, help.length) },
    errors: { ...lower('share', 0, TARGETS.errors, 0), ...share(outcome.failed.length, served.length) },
    'provider 429s': { ...lower('share', 0, TARGETS.refused, 0), ...share(outcome.refused, calls.length) },
    score: scoreReading(outcome),
  };
}

export const WRONG_AT_MOST = 'wrong from the cache, upper bound';

/** A gate of a day that is not a figure of its own, or all of them. */
export interface Gate {
  gate: string;
  value: number;
  target: number;
  unit: Unit;
  passed: boolean;
}

/** Every gate of a day, for the report and for the days that nobody has seen. */
export function gatesOf(outcome: Outcome): Gate[] {
  const readings = Object.entries(readingsOf(outcome)).filter(([name]) => name !== 'score');
  // A short day may have no prepaid question, and then no allowance.
  const spent = prepaidSpent(outcome) / Math.max(1, outcome.allowanceMicroUsd);
  const count = (kind: 'foreign' | 'stale') => outcome.help.filter((it) => it[kind]).length;
  return [
    gate('answers that no model gave', outcome.invented.length, 0, 'count'),
    gate('answers of another tenant', count('foreign'), 0, 'count'),
    gate('answers from before the update', count('stale'), 0, 'count'),
    ...readings.map(([name, { value, target, unit, better }]) => ({
      ...gate(name, value, target, unit),
      passed: better === 'lower' ? value <= target : value >= target,
    })),
    gate(WRONG_AT_MOST, wrongAtMost(outcome), TARGETS.wrongAtMost, 'share'),
    ...outcome.quality.map((each) =>
      gate(`quality lost, ${each.segment}`, lost(each), TARGETS.quality, 'share'),
    ),
    gate('allowance spent', spent, 1, 'share'),
    gate('excused in the brown-out', excusedShare(outcome), TARGETS.excused, 'share'),
  ];
}

/** The share that is worse than with the strongest model; all of it where not one request was answered. */
export function lost({ share, strong, asked }: Quality): number {
  return asked === 0 ? 1 : Math.max(0, strong - share);
}

export function wrongAtMost({ help }: Outcome): number {
  return ofShare(help.filter((it) => it.wrong).length, help.length).high;
}

export function excusedShare({ excused, brownOut }: Outcome): number {
  return excused.filter(({ degraded }) => degraded === 'overload').length / Math.max(1, brownOut.length);
}

export function resultOf({ costMicroUsd, steady, quality }: Outcome): Result {
  const asked = sum(quality.map((each) => each.asked));
  const part = (of: (each: Quality) => number) => sum(quality.map((each) => (of(each) * each.asked) / asked));
  return {
    costMicroUsd,
    p95Ms: percentile(steady.map(tookMs), 95),
    quality: part(({ share }) => share) / part(({ strong }) => strong),
  };
}

// --- helpers ----------------------------------------------------------------------------------------------------

/** The target is what a day is worth that only just reaches the other gates. */
function scoreReading(outcome: Outcome): Reading {
  const perfect = perfectDay(outcome);
  const barely = {
    costMicroUsd: costTarget(outcome),
    p95Ms: TARGETS.p95Ms,
    quality: 1 - TARGETS.quality,
  };
  return {
    unit: 'points',
    better: 'higher',
    value: scoreOf(resultOf(outcome), perfect),
    target: scoreOf(barely, perfect),
    limit: 100,
  };
}

function costTarget({ naive, sound }: Outcome): number {
  const soundMicroUsd = (1 - TARGETS.hits) * sound.helpMicroUsd + sound.restMicroUsd;
  return Math.min(TARGETS.cost * naive.costMicroUsd, TARGETS.soundCost * soundMicroUsd);
}

function lower(unit: Unit, value: number, target: number, limit: number | null): Reading {
  return { unit, better: 'lower', value, target, limit };
}

function gate(name: string, value: number, target: number, unit: Unit): Gate {
  return { gate: name, value, target, unit, passed: value <= target };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
