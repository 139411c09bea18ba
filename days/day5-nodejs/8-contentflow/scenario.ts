import { leastEffort, type Premise, percentile } from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { type DayScenario, dayScenario } from '../contentflow/day.ts';
import { readingsOf } from '../contentflow/gates.ts';
import { belowSmall, LADDER, STRONG } from '../contentflow/ladder.ts';
import { isOfToday } from '../contentflow/last-week.ts';
import { type Outcome, outcomeOf, tookMs } from '../contentflow/outcome.ts';
import { type DayPlan, MINUTE_MS } from '../contentflow/traffic.ts';

export const premises: Premise[] = [
  {
    says: 'Both models can answer without thinking first, so that the first word is there within 0.8 s',
    holds: () => LADDER.every((model) => (leastEffort(model) ?? 'none') === 'none'),
  },
  {
    says: 'The strong model solves what the small one does not',
    holds: () => belowSmall(0) + 0.1 <= (findModel(STRONG)?.skill ?? 0),
  },
  {
    says: 'Questions are compared by the embedder by which those of last week were',
    holds: () => isOfToday(),
  },
];

const HOUR_MS = 60 * MINUTE_MS;

/** A day of twenty-four hours, put together in two: the one that the figures are from. */
const publicPlan: DayPlan = {
  number: 1,
  requests: 2000,
  durationMs: 2 * HOUR_MS,
  mix: { faq: 0.48, account: 0.15, document: 0.15, expert: 0.1, tagging: 0.12 },
  topics: 30,
  steepness: 2.6,
  brownOut: { fromMs: 75 * MINUTE_MS, toMs: 85 * MINUTE_MS },
  updateMs: HOUR_MS,
};

/** Shorter days of other questions, in which other things are asked more often and happen at another time. */
const hiddenPlans: DayPlan[] = [
  {
    ...{ number: 2, requests: 450, durationMs: 27 * MINUTE_MS, topics: 9, steepness: 2.6 },
    mix: { faq: 0.55, account: 0.15, document: 0.1, expert: 0.1, tagging: 0.1 },
    brownOut: { fromMs: 8 * MINUTE_MS, toMs: 14 * MINUTE_MS },
    updateMs: 19 * MINUTE_MS,
  },
  {
    ...{ number: 3, requests: 450, durationMs: 27 * MINUTE_MS, topics: 8, steepness: 2.4 },
    mix: { faq: 0.5, account: 0.1, document: 0.18, expert: 0.1, tagging: 0.12 },
    brownOut: { fromMs: 17 * MINUTE_MS, toMs: 23 * MINUTE_MS },
    updateMs: 6 * MINUTE_MS,
  },
];

/** Eight minutes, to see what one optimisation is worth by switching it off. */
const extractPlan: DayPlan = {
  ...publicPlan,
  ...{ number: 4, requests: 130, durationMs: 8 * MINUTE_MS, topics: 8 },
  brownOut: { fromMs: 6 * MINUTE_MS, toMs: 7 * MINUTE_MS },
  updateMs: 4 * MINUTE_MS,
};

export const publicDay: DayScenario = {
  ...dayScenario(publicPlan),
  readings: (run) => readingsOf(outcomeOf(run.traffic, run.outcome.value, run.ledger, run.seed)),
  chart: (run) => chartOf(outcomeOf(run.traffic, run.outcome.value, run.ledger, run.seed)),
};

/** What `run` shows: five minutes with something of everything. */
export const scenario = dayScenario({
  ...extractPlan,
  ...{ number: 5, requests: 70, durationMs: 5 * MINUTE_MS },
  brownOut: { fromMs: 3 * MINUTE_MS, toMs: 4 * MINUTE_MS },
  updateMs: 2 * MINUTE_MS,
});

/** Asks sixty different questions and then all of them once more, of a cache that may hold 24 answers. */
export const CRAWL = { questions: 60, cacheEntries: 24 };

/** A day beside the public one: the crawl, a hidden day, or the extract with some optimisations switched off. */
export type FurtherDay = 'crawl' | { hidden: number } | { without: readonly string[] };

export const HIDDEN_DAYS = hiddenPlans.length;

export function furtherDay(which: FurtherDay): DayScenario {
  if (which === 'crawl') return dayScenario({ ...publicPlan, number: 6, crawl: CRAWL });
  if ('without' in which) return dayScenario(extractPlan, which.without);
  return dayScenario(hiddenPlans[which.hidden] ?? publicPlan);
}

function chartOf({ quality, served }: Outcome): string {
  const rows = quality.map(({ segment, asked, share, strong }) => {
    const took = served.filter(({ task }) => task.request.segment === segment).map(tookMs);
    const cells = [percent(share), percent(strong), `${(percentile(took, 95) / 1000).toFixed(2)} s`];
    return [segment.padEnd(9), String(asked).padStart(6), ...cells.map((cell) => cell.padStart(10))].join('');
  });
  return ['segment   asked     right    strong       p95', ...rows].join('\n');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
