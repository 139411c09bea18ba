import type * as Subject from '#days/day4-metrics/6-anomalies/anomalies.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { attempt } from '../attempt.ts';
import type * as Contract from '../contracts/anomalies.ts';

const STEP_MS = 5 * 60_000;
const PER_DAY = 288;
const DAYS = 21;
/** The first week is for learning: nothing is planted in it and nothing counts. */
const LEARN = 7 * PER_DAY;
const INCIDENT_STEPS = 24;
/** An incident that is not seen by then is over, and a customer has reported it. */
const MISSED_MS = INCIDENT_STEPS * STEP_MS;
/** The least saving that is worth a recommendation, as a share of the cost. */
const WORTH = 0.05;

export interface Series {
  name: string;
  points: Contract.Point[];
  /** Index of the first point of each incident. */
  incidents: number[];
}

/** Three weeks of two series with incidents in them, two hundred figures of a build, six days to advise on. */
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
          return points.flatMap((point, i) => (detector.add({ ...point }) === null ? [] : [i]));
        }),
      ),
      regressed: attempt(() => regressions(traffic.measured.map(({ regressed: _, ...rest }) => rest))),
      advice: traffic.days.map(({ today }) => attempt(() => recommend(today))),
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
  const within = (start: number) =>
    alerts.filter((index) => index >= start && index < start + INCIDENT_STEPS + 6);
  const counted = alerts.filter((index) => index >= LEARN);
  const known = new Set(incidents.flatMap(within));
  return {
    delaysMs: incidents.map((start) => Math.min(MISSED_MS, ((within(start)[0] ?? 1e9) - start) * STEP_MS)),
    reports: incidents.map((start) => within(start).length),
    falseAlarms: counted.filter((index) => !known.has(index)).length,
  };
}

/** Busy by day, quiet by night; each point has its luck, one in fifty is an outlier, and four times it really is bad. */
function series(random: Random, name: string, base: number): Series {
  const incidents = times(4, (i) => LEARN + i * 3 * PER_DAY + 100 + random.int(2 * PER_DAY));
  const points = times(DAYS * PER_DAY, (i) => {
    const cycle = 1 + 0.6 * Math.sin((2 * Math.PI * (i % PER_DAY)) / PER_DAY);
    const bad = incidents.some((start) => i >= start && i < start + INCIDENT_STEPS) ? 2 : 1;
    const outlier = random.next() < 0.02 ? 6 : 1;
    const value = base * cycle * Math.exp(0.15 * random.normal()) * bad * outlier;
    return { atMs: Date.UTC(2026, 0, 5) + i * STEP_MS, value };
  });
  return { name, points, incidents };
}

/** Twelve runs before and eight after; one figure in ten has become a quarter worse. Runs differ by 5 %, some by more. */
function measured(random: Random, i: number): Contract.Measured & { regressed: boolean } {
  const better = i % 4 === 3 ? 'higher' : 'lower';
  const regressed = i % 10 === 1 || i % 20 === 3;
  const factor = regressed ? (better === 'lower' ? 1.3 : 0.75) : 1;
  const base = 100 * (1 + random.int(50));
  const run = (by: number) => base * by * Math.exp(0.05 * random.normal()) * (random.next() < 0.02 ? 1.5 : 1);
  return {
    name: `figure ${i}`,
    better,
    baseline: times(12, () => run(1)),
    current: times(8, () => run(factor)),
    regressed,
  };
}

interface DayKind {
  calls: number;
  repeats: number;
  prefix: number;
  patient: number;
  easy: number;
}

const PLAIN: DayKind = { calls: 3000, repeats: 0.03, prefix: 0.05, patient: 0.005, easy: 0.005 };
const DAY_KINDS: Record<string, DayKind> = {
  healthy: PLAIN,
  repetitive: { ...PLAIN, repeats: 0.4 },
  patient: { ...PLAIN, patient: 0.5 },
  'long prefix': { ...PLAIN, prefix: 0.6 },
  easy: { ...PLAIN, easy: 0.6 },
  'small and easy': { ...PLAIN, calls: 150, easy: 0.6 },
};

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
      dueInHours: random.next() < kind.patient ? 48 : random.int(8),
      // One call in ten is tried on the cheap model as well.
      ...(random.next() < 0.1 && { passesOnCheap: easy }),
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
