import type * as Subject from '#days/day4-metrics/5-load-test/load-test.ts';
import { defineScenario, percentile, type Random } from '#lib/provider';
import { attempt, attemptAsync } from '../../attempt.ts';
import type * as Contract from '../../contracts/load-test.ts';
import { createTarget, type TargetOptions } from '../../target.ts';
import { curveOf, EDGES, GROWTHS, KNEES, REFUSING, testOf, upTo, WARMING } from './by-hand.ts';
import { capacityLoad, RATES, reportAt, SLOS, sweep, trueCapacities } from './load.ts';

const SECOND = 1000;
/** In the stall, more requests become due than there are sockets. */
const SOCKETS = 8;
const MANY_SOCKETS = 120;
const STALL: [number, number] = [10 * SECOND, 15 * SECOND];
const SERVICE_MS = 10;
const WARM_UP_MS = 10 * SECOND;
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
      warm: await testOf(WARMING, loadTest, clock, { sockets: 5, warmUpMs: SECOND }),
      refused: await testOf(REFUSING, loadTest, clock, { sockets: 2, warmUpMs: 0 }),
      shedding: await test(traffic.trace, { places: 20, serviceMs: 600, queue: 15 }),
      found: await attemptAsync(() =>
        Promise.all(
          SLOS.map((slo) =>
            capacity(async (rate) => reportAt(traffic.load, rate), { ...slo, withinRates: RATES }),
          ),
        ),
      ),
      edges: await attemptAsync(() =>
        Promise.all(EDGES.map(({ slo, most }) => capacity(upTo(most), { ...slo, withinRates: RATES }))),
      ),
      knee: attempt(() => knee(sweep(traffic.load))),
      knees: attempt(() => KNEES.map(({ p95s }) => knee(curveOf(p95s)))),
      exceeds: attempt(() => exceedsOn(traffic.history, 100)),
      // In words, since data between processes knows no Infinity.
      growths: attempt(() => GROWTHS.map(({ history }) => String(exceedsOn(history, 64)))),
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
        // First come, first sent: when each is sent and answered follows from the arrivals. More was not there to measure.
        limit: honestP99(traffic.steady),
      },
      'capacity error': {
        unit: 'share',
        better: 'lower',
        value: Math.max(...errors.map((error) => (Number.isFinite(error) ? error : 1))),
        target: 0.05,
        // An error has no sign.
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

/** Half a year of daily peaks that grow by 1.2 % a day, give or take 8 %. */
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

export { replay } from '../../replay.ts';
export { SOCKETS, WARM_UP_MS };
