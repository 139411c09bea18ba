import type * as Subject from '#days/day4-metrics/5-load-test/load-test.ts';
import { defineScenario, percentile, type Random } from '#lib/provider';
import { attempt, attemptAsync } from '../attempt.ts';
import type * as Contract from '../contracts/load-test.ts';
import { createTarget, type TargetOptions } from '../target.ts';

const SECOND = 1000;
/** In the stall, more requests become due than there are sockets. */
const SOCKETS = 8;
const MANY_SOCKETS = 120;
const STALL: [number, number] = [10 * SECOND, 15 * SECOND];
const SERVICE_MS = 10;
const WARM_UP_MS = 10 * SECOND;
/** One promise that the queue breaks first, and one that the refusals break first. */
const SLOS = [
  { p95Ms: 2800, errorShare: 0.05 },
  { p95Ms: 6000, errorShare: 0.01 },
];
const RATES: [number, number] = [1, 100];
const GROWTH_PER_DAY = 0.012;
const TODAY = 180;

/** Load tests of targets whose every answer is on record, and two sums to do with what such tests find. */
export const scenario = defineScenario({
  traffic: (random) => ({
    steady: poisson(random, 40, 30 * SECOND),
    cold: poisson(random, 20, 40 * SECOND),
    trace: bursts(random),
    load: capacityLoad(random),
    history: growth(random),
  }),
  async play({ loadTest, capacity, knee, exceedsOn }: typeof Subject, { clock, traffic }) {
    const test = async (arrivals: Contract.Arrival[], o: TestOptions) => {
      const { sockets = MANY_SOCKETS, warmUpMs = 0 } = o;
      const target = createTarget(clock, { serviceMs: SERVICE_MS, ...o });
      const startMs = clock.now();
      const report = await attemptAsync(() => loadTest(target.call, arrivals, { sockets, warmUpMs }));
      await clock.sleep(20 * SECOND);
      return { report, log: target.log, startMs };
    };
    return {
      stalled: await test(traffic.steady, { stall: STALL, sockets: SOCKETS }),
      cold: await test(traffic.cold, { coldMs: WARM_UP_MS, warmUpMs: WARM_UP_MS }),
      shedding: await test(traffic.trace, { places: 20, serviceMs: 600, queue: 15 }),
      found: await attemptAsync(() =>
        Promise.all(
          SLOS.map((slo) =>
            capacity(async (rate) => reportAt(traffic.load, rate), { ...slo, withinRates: RATES }),
          ),
        ),
      ),
      knee: attempt(() => knee(sweep(traffic.load))),
      exceeds: attempt(() => exceedsOn(traffic.history, 100)),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const { report } = value.stalled;
    const found = 'value' in value.found ? value.found.value : [];
    const errors = trueCapacities(traffic.load).map((most, i) => Math.abs((found[i] ?? 0) / most - 1));
    return {
      'p99 reported of a stall': {
        unit: 'ms',
        better: 'higher',
        value: 'value' in report ? report.value.p99Ms : 0,
        target: 0.95 * honestP99(traffic.steady),
        limit: honestP99(traffic.steady),
      },
      'capacity error': {
        unit: 'share',
        better: 'lower',
        value: Math.max(...errors.map((error) => (Number.isFinite(error) ? error : 1))),
        target: 0.05,
        limit: 0,
      },
    };
  },
});

interface TestOptions extends TargetOptions {
  sockets?: number;
  warmUpMs?: number;
}

/** p99 of requests that are sent when they are due, or when a socket is free; nobody waits longer than that. */
function honestP99(arrivals: readonly Contract.Arrival[]): number {
  const freeAt = new Array<number>(SOCKETS).fill(0);
  const latencies = arrivals.map(({ atMs }) => {
    const socket = freeAt.indexOf(Math.min(...freeAt));
    const startMs = Math.max(atMs, freeAt[socket] ?? 0);
    const [from, to] = STALL;
    const endMs = (startMs >= from && startMs < to ? to : startMs) + SERVICE_MS;
    freeAt[socket] = endMs;
    return endMs - atMs;
  });
  return percentile(latencies, 99);
}

function poisson(random: Random, ratePerSec: number, durationMs: number): Contract.Arrival[] {
  const arrivals: Contract.Arrival[] = [];
  for (let atMs = 0; ; ) {
    atMs += random.exponential(SECOND / ratePerSec);
    if (atMs >= durationMs) return arrivals;
    arrivals.push({ atMs: Math.round(atMs), prompt: question(random, arrivals.length) });
  }
}

function question(random: Random, i: number): string {
  return `Question ${i}: ${'and '.repeat(random.int(20))}what about ${random.int(1e6)}?`;
}

/** Bursts as in recorded traffic: quiet seconds with about ten requests, and seconds with sixty. */
function bursts(random: Random): Contract.Arrival[] {
  const times: number[] = [];
  for (let second = 0; second < 40; second += 1) {
    const count = second % 8 === 5 ? 60 : 5 + random.int(10);
    for (let i = 0; i < count; i += 1) times.push(second * SECOND + random.int(SECOND));
  }
  const [firstMs = 0] = times.sort((a, b) => a - b);
  return times.map((atMs, i) => ({ atMs: atMs - firstMs, prompt: question(random, i) }));
}

interface Load {
  /** Gaps of a process with one arrival a second, and what each request takes on its place. */
  gaps: number[];
  servicesMs: number[];
}

const CAPACITY_PLACES = 8;
const CAPACITY_QUEUE = 20;

function capacityLoad(random: Random): Load {
  const length = 3000;
  return {
    gaps: Array.from({ length }, () => random.exponential(1)),
    servicesMs: Array.from(
      { length },
      () => 900 * Math.exp(0.5 * random.normal()) * (random.next() < 0.03 ? 6 : 1),
    ),
  };
}

/** A test at a rate, worked out instead of waited for: first come, first served, and a queue that has an end. */
function reportAt({ gaps, servicesMs }: Load, ratePerSec: number): Contract.LoadReport {
  const freeAt = new Array<number>(CAPACITY_PLACES).fill(0);
  const starts: number[] = [];
  const latencies: number[] = [];
  let atMs = 0;
  let [first, refused] = [0, 0];
  for (const [i, gap] of gaps.entries()) {
    atMs += (gap * SECOND) / ratePerSec;
    while (first < starts.length && (starts[first] as number) <= atMs) first += 1;
    if (starts.length - first >= CAPACITY_QUEUE) {
      refused += 1;
      continue;
    }
    let place = 0;
    for (let k = 1; k < CAPACITY_PLACES; k += 1)
      if ((freeAt[k] as number) < (freeAt[place] as number)) place = k;
    const start = Math.max(atMs, freeAt[place] as number);
    freeAt[place] = start + (servicesMs[i] as number);
    starts.push(start);
    latencies.push((freeAt[place] as number) - atMs);
  }
  const seconds = Math.max(...freeAt) / SECOND;
  const requestsPerSec = latencies.length / seconds;
  return {
    p50Ms: percentile(latencies, 50),
    p95Ms: percentile(latencies, 95),
    p99Ms: percentile(latencies, 99),
    requestsPerSec,
    tokensPerSec: requestsPerSec * 50,
    errorShare: refused / gaps.length,
  };
}

/** p95 at rates from far below the capacity to above it. */
export function sweep(load: Load): { ratePerSec: number; p95Ms: number }[] {
  return Array.from({ length: 16 }, (_, i) => {
    const ratePerSec = 0.75 * (i + 1);
    return { ratePerSec, p95Ms: reportAt(load, ratePerSec).p95Ms };
  });
}

/** The last rate before p95 is more than twice that of the first. */
export function trueKnee(load: Load): number {
  const curve = sweep(load);
  const bent = curve.findIndex(({ p95Ms }) => p95Ms > 2 * (curve[0]?.p95Ms ?? 0));
  return curve[bent - 1]?.ratePerSec ?? 0;
}

export function trueCapacities(load: Load): number[] {
  return SLOS.map((slo) => {
    let [low, high] = RATES;
    while (high / low > 1.001) {
      const middle = Math.sqrt(low * high);
      const { p95Ms, errorShare } = reportAt(load, middle);
      if (p95Ms <= slo.p95Ms && errorShare <= slo.errorShare) low = middle;
      else high = middle;
    }
    return low;
  });
}

/** Half a year of daily peaks that grow by 1.2 % a day, give or take 8 %, and less on weekends. */
function growth(random: Random): { day: number; peakPerSec: number }[] {
  return Array.from({ length: TODAY + 1 }, (_, day) => ({
    day,
    peakPerSec: 4 * (1 + GROWTH_PER_DAY) ** day * Math.exp(0.08 * random.normal()),
  }));
}

/** The day on which growth alone reaches that rate. */
export function trueDay(most: number): number {
  return Math.log(most / 4) / Math.log(1 + GROWTH_PER_DAY);
}

export { replay } from '../replay.ts';
export { SOCKETS, WARM_UP_MS };
