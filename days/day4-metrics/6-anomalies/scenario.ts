import type * as Subject from '#days/day4-metrics/6-anomalies/anomalies.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { attempt } from '../attempt.ts';
import type * as Contract from '../contracts/anomalies.ts';

const STEP_MS = 5 * 60_000;
const PER_DAY = 288;
const DAYS = 28;
/** The first two weeks are for learning: nothing is planted in them and nothing counts. */
const LEARN = 14 * PER_DAY;
/** A Monday. */
const START_MS = Date.UTC(2026, 0, 5);
/** At noon of a working day, at noon of a weekend, at night, and at night on a weekend: day, and point of the day. */
const INCIDENTS = [
  [15, 60],
  [19, 60],
  [22, 204],
  [26, 204],
] as const;
/** The collector was down: day, point of the day, and for how many points. */
const GAPS = [
  [9, 100, 40],
  [17, 100, 72],
] as const;
const INCIDENT_STEPS = 24;
/** An incident that is not seen by then is over, and a customer has reported it. */
export const MISSED_MS = INCIDENT_STEPS * STEP_MS;
/** The least saving that is worth a recommendation, as a share of the cost. */
const WORTH = 0.05;

export interface Series {
  name: string;
  points: Contract.Point[];
  /** When each incident began. */
  incidents: number[];
}

/** Four weeks of two series with incidents in them, two hundred figures of a build, days to advise on. */
export const scenario = defineScenario({
  traffic: (random) => ({
    series: [series(random, 'p95 latency', 1500), series(random, 'spend', 40_000)],
    measured: times(200, (i) => measured(random, i)),
    days: Object.entries(DAY_KINDS).map(([name, kind]) => ({
      name,
      today: day(random, kind),
      tomorrow: day(random, kind),
    })),
  }),
  play({ Detector, regressions, recommend }: typeof Subject, { traffic }) {
    return {
      alerts: traffic.series.map(({ points }) =>
        attempt(() => {
          const detector = new Detector();
          return points.flatMap((point) => (detector.add({ ...point }) === null ? [] : [point.atMs]));
        }),
      ),
      regressed: attempt(() => regressions(traffic.measured.map(({ factor: _, ...rest }) => rest))),
      advice: traffic.days.map(({ today }) => attempt(() => recommend(today))),
      corners: CORNERS.map(({ calls }) => attempt(() => recommend(calls.map((call) => ({ ...call }))))),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const found = traffic.series.map((it, i) => {
      const alerts = value.alerts[i];
      return judge(it, alerts && 'value' in alerts ? alerts.value : []);
    });
    const delays = found.flatMap((it) => it.delaysMs);
    const weeks = (traffic.series.length * (DAYS * PER_DAY - LEARN)) / (7 * PER_DAY);
    return {
      'detection delay': {
        unit: 's',
        better: 'lower',
        value: sum(delays) / delays.length / 1000,
        // Six points. Three in a row take the third to be sure of, and one of them may look harmless.
        target: (6 * STEP_MS) / 1000,
        limit: 0,
      },
      'false alarms a week': {
        unit: 'count',
        better: 'lower',
        value: sum(found.map((it) => it.falseAlarms)) / weeks,
        // What somebody on call will put up with.
        target: 1,
        limit: 0,
      },
    };
  },
});

/** How long each incident went unseen, how often it was reported, and how many alerts had no incident. */
export function judge({ incidents }: Series, alerts: readonly number[]) {
  // When it is over, half an hour of points may still be needed to see that.
  const within = (startMs: number) =>
    alerts.filter((atMs) => atMs >= startMs && atMs < startMs + MISSED_MS + 6 * STEP_MS);
  const counted = alerts.filter((atMs) => atMs >= START_MS + LEARN * STEP_MS);
  const known = new Set(incidents.flatMap(within));
  return {
    delaysMs: incidents.map((startMs) =>
      Math.min(MISSED_MS, (within(startMs)[0] ?? Number.POSITIVE_INFINITY) - startMs),
    ),
    reports: incidents.map((startMs) => within(startMs).length),
    falseAlarms: counted.filter((atMs) => !known.has(atMs)).length,
  };
}

/**
 * Busy by day, quiet by night and on weekends; each point has its luck, one in fifty is an outlier, and four times it
 * really is bad.
 */
function series(random: Random, name: string, base: number): Series {
  const starts = INCIDENTS.map(([day, point]) => day * PER_DAY + point + random.int(24));
  const points = times(DAYS * PER_DAY, (i) => {
    const cycle = 1 + 0.6 * Math.sin((2 * Math.PI * (i % PER_DAY)) / PER_DAY);
    const week = Math.floor(i / PER_DAY) % 7 >= 5 ? 0.4 : 1;
    const bad = starts.some((start) => i >= start && i < start + INCIDENT_STEPS) ? 2 : 1;
    const outlier = random.next() < 0.02 ? 6 : 1;
    const value = base * cycle * week * Math.exp(0.15 * random.normal()) * bad * outlier;
    return { atMs: START_MS + i * STEP_MS, value };
  });
  const isLost = (_: unknown, i: number) =>
    GAPS.some(([day, point, count]) => {
      const from = day * PER_DAY + point;
      return i >= from && i < from + count;
    });
  return {
    name,
    points: points.filter((point, i) => !isLost(point, i)),
    incidents: starts.map((start) => START_MS + start * STEP_MS),
  };
}

/**
 * Twelve runs before and eight after; one figure in ten has become a quarter worse, and one in ten better by as much. Runs
 * differ by 5 %, some by more.
 */
function measured(random: Random, i: number): Contract.Measured & { factor: number } {
  const better = i % 4 === 3 ? 'higher' : 'lower';
  const change = i % 10 === 1 || i % 20 === 3 ? 1.3 : i % 10 === 6 || i % 20 === 7 ? 0.75 : 1;
  const factor = better === 'lower' ? change : change === 1 ? 1 : change > 1 ? 0.75 : 1.3;
  const base = 100 * (1 + random.int(50));
  const run = (by: number) => base * by * Math.exp(0.05 * random.normal()) * (random.next() < 0.02 ? 1.5 : 1);
  return {
    name: `figure ${i}`,
    better,
    baseline: times(12, () => run(1)),
    current: times(8, () => run(factor)),
    factor,
  };
}

interface DayKind {
  calls: number;
  repeats: number;
  prefix: number;
  patient: number;
  easy: number;
  /** Share of the calls that were tried on the cheap model as well. */
  tried: number;
}

const PLAIN: DayKind = { calls: 3000, repeats: 0.03, prefix: 0.05, patient: 0.005, easy: 0.005, tried: 0.1 };
/** Of so few calls none is tried, but where that is the point. */
const SMALL = { ...PLAIN, calls: 150, tried: 0 };
const DAY_KINDS: Record<string, DayKind> = {
  healthy: PLAIN,
  repetitive: { ...PLAIN, repeats: 0.4 },
  patient: { ...PLAIN, patient: 0.5 },
  'long prefix': { ...PLAIN, prefix: 0.6 },
  easy: { ...PLAIN, easy: 0.6 },
  'small and repetitive': { ...SMALL, repeats: 0.4 },
  'small and patient': { ...SMALL, patient: 0.5 },
  'small with a long prefix': { ...SMALL, prefix: 0.6 },
  'small and easy': { ...SMALL, easy: 0.6, tried: PLAIN.tried },
  'easy and hardly tried': { ...PLAIN, easy: 0.6, tried: 0.005 },
};
/** What is more sure because more calls were looked at. */
export const SURER: [Contract.Recommendation['type'], more: string, less: string][] = [
  ['caching', 'repetitive', 'small and repetitive'],
  ['batching', 'patient', 'small and patient'],
  ['token', 'long prefix', 'small with a long prefix'],
  ['provider', 'easy', 'small and easy'],
  ['provider', 'easy', 'easy and hardly tried'],
];

/** Twenty calls that cost a hundred each, some of them otherwise. What saves a hundred of their two thousand is worth it. */
const twenty = (...others: Partial<Contract.CallSummary>[]): Contract.CallSummary[] =>
  times(20, (i) => ({ key: `key ${i}`, costMicroUsd: 100, prefixMicroUsd: 0, dueInHours: 1, ...others[i] }));

interface Corner {
  what: string;
  calls: Contract.CallSummary[];
  /** What is to be recommended, and what it saves. */
  advice?: [Contract.Recommendation['type'], microUsd: number];
}

export const CORNERS: Corner[] = [
  { what: 'there were no calls', calls: [] },
  {
    what: 'of twenty equal calls two are due in 24 hours',
    calls: twenty(due(24), due(24)),
    advice: ['batching', 100],
  },
  { what: 'of twenty equal calls two are due in 23.9 hours', calls: twenty(due(23.9), due(23.9)) },
  { what: 'of twenty equal calls one is due in 30 hours', calls: twenty(due(30)) },
  {
    what: 'of twenty equal calls one repeats a key',
    calls: twenty({ key: 'key 7' }),
    advice: ['caching', 100],
  },
  {
    what: 'of twenty calls 199 of 2,000 micro-dollars are a shared prefix',
    calls: twenty({ prefixMicroUsd: 100 }, { prefixMicroUsd: 99 }),
  },
  {
    what: 'of twenty calls 200 of 2,000 micro-dollars are a shared prefix',
    calls: twenty({ prefixMicroUsd: 100 }, { prefixMicroUsd: 100 }),
    advice: ['token', 100],
  },
  {
    what: 'of twenty equal calls ten were tried on the cheap model, and none passed',
    calls: twenty(...times(10, () => ({ passesOnCheap: false }))),
  },
  {
    what: 'twenty equal calls were tried on the cheap model, and ten passed',
    calls: twenty(...times(20, (i) => ({ passesOnCheap: i % 2 === 0 }))),
    advice: ['provider', 900],
  },
];

function due(dueInHours: number): Partial<Contract.CallSummary> {
  return { dueInHours };
}

function day(random: Random, kind: DayKind): Contract.CallSummary[] {
  const keys: string[] = [];
  return times(kind.calls, (i) => {
    const key = keys.length > 0 && random.next() < kind.repeats ? random.pick(keys) : `key ${i}`;
    keys.push(key);
    const costMicroUsd = 100 + random.int(800);
    const easy = random.next() < kind.easy;
    return {
      key,
      costMicroUsd,
      prefixMicroUsd: Math.round(costMicroUsd * kind.prefix),
      dueInHours: random.next() < kind.patient ? random.pick([24, 48]) : random.pick([1, 2, 8, 23]),
      ...(random.next() < kind.tried && { passesOnCheap: easy }),
      // What the simulation knows of all of them is kept out of sight.
      ...hidden(easy),
    };
  });
}

const EASY = Symbol('easy');

function hidden(easy: boolean): object {
  return Object.defineProperty({}, EASY, { value: easy, enumerable: true });
}

/**
 * What a change saves of what was paid. These days are past and their terms were this shop's own, as the task says: no price
 * of today may move what they cost.
 */
const SAVED = { batching: 0.5, prefix: 0.5, cheap: 0.9 };

/** What each kind of change saves on that day. */
export function savings(
  calls: readonly Contract.CallSummary[],
): Record<Contract.Recommendation['type'], number> {
  const seen = new Set<string>();
  const saved = { caching: 0, batching: 0, token: 0, provider: 0 };
  for (const call of calls) {
    if (seen.has(call.key)) saved.caching += call.costMicroUsd;
    seen.add(call.key);
    if (call.dueInHours >= 24) saved.batching += call.costMicroUsd * SAVED.batching;
    saved.token += call.prefixMicroUsd * SAVED.prefix;
    if ((call as unknown as Record<symbol, boolean>)[EASY]) saved.provider += call.costMicroUsd * SAVED.cheap;
  }
  return saved;
}

/** What each key has in a change: the calls of `provider` are those that were tried and passed. */
export function savedByKey(
  calls: readonly Contract.CallSummary[],
  type: Contract.Recommendation['type'],
): Map<string, number> {
  const seen = new Set<string>();
  const saved = new Map<string, number>();
  for (const call of calls) {
    const isRepeat = seen.has(call.key);
    seen.add(call.key);
    const microUsd = {
      caching: isRepeat ? call.costMicroUsd : 0,
      batching: call.dueInHours >= 24 ? call.costMicroUsd * SAVED.batching : 0,
      token: call.prefixMicroUsd * SAVED.prefix,
      provider: call.passesOnCheap ? call.costMicroUsd * SAVED.cheap : 0,
    }[type];
    saved.set(call.key, (saved.get(call.key) ?? 0) + microUsd);
  }
  return saved;
}

export function isWorth(calls: readonly Contract.CallSummary[], microUsd: number): boolean {
  return microUsd >= WORTH * sum(calls.map((call) => call.costMicroUsd));
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
