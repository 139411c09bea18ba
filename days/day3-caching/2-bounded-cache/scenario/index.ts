import type * as Subject from '#days/day3-caching/2-bounded-cache/bounded-cache.ts';
import { defineScenario, type Reading } from '#lib/provider';
import {
  books,
  byteAccounts,
  defaults,
  falsyValues,
  lifetimes,
  live,
  STEPPED,
  stepsPerLookup,
  timersSet,
} from './corners.ts';
import { belady, mostSaved, type Result, replay, yardstick } from './policies.ts';
import {
  ANSWER_BYTES,
  each,
  mixedTrace,
  scanTrace,
  shiftTrace,
  TRACES,
  type Trace,
  type TraceName,
  uniform,
  zipfTrace,
} from './traces.ts';

export { LOOKUPS } from './traces.ts';

/** Four streams of look-ups, and the corners of the contract. No provider: what counts is what is still there. */
export const scenario = defineScenario({
  traffic: (random): Record<TraceName, Trace> => ({
    Zipf: uniform(zipfTrace(random)),
    scan: uniform(scanTrace(random)),
    shift: uniform(shiftTrace(random)),
    mixed: mixedTrace(random),
  }),
  async play({ BoundedCache }: typeof Subject, { clock, traffic }) {
    const results = each((name) =>
      replay(new BoundedCache<unknown>({ maxBytes: traffic[name].maxBytes }), traffic[name]),
    );
    const sleep = (ms: number) => clock.sleep(ms);
    const lived = await live(new BoundedCache<unknown>({ maxBytes: traffic.scan.maxBytes }), sleep);
    const expired = lived.stats();
    return {
      results,
      expired,
      lived: replay(lived, traffic.scan),
      defaults: defaults(new BoundedCache<unknown>({ maxBytes: 1e6 })),
      falsy: falsyValues(new BoundedCache<unknown>({ maxBytes: 1e6 })),
      life: await lifetimes((options) => new BoundedCache<unknown>(options), sleep),
      timers: timersSet(new BoundedCache<unknown>({ maxBytes: 1e6, ttlMs: 1000 })),
      bytes: byteAccounts(new BoundedCache<unknown>({ maxBytes: 50_000 })),
      books: books(new BoundedCache<unknown>({ maxBytes: traffic.mixed.maxBytes }), traffic.mixed),
      steps: stepsPerLookup(new BoundedCache<unknown>({ maxBytes: STEPPED * ANSWER_BYTES })),
    };
  },
  readings({ outcome, traffic }): Record<string, Reading> {
    const { results } = outcome.value;
    const yardsticks = each((name) => yardstick(traffic[name]));
    const optimum = each((name) => belady(traffic[name]));
    const rate = (name: TraceName, target: number): Reading => ({
      unit: 'share',
      better: 'higher',
      value: results[name].hitRate,
      target,
      limit: optimum[name],
    });
    const { Zipf, scan, shift, mixed } = yardsticks;
    return {
      // FIFO stays some points below LRU on Zipf traffic.
      'hit rate, Zipf': rate('Zipf', (Zipf.FIFO.hitRate + 2 * Zipf.LRU.hitRate) / 3),
      // LRU loses its hot set to each scan; part of the way from there to the optimum must be won back.
      'hit rate, scan': rate('scan', scan.LRU.hitRate + 0.3 * (optimum.scan - scan.LRU.hitRate)),
      // LFU keeps what was hot once; LRU follows at once.
      'hit rate, shift': rate('shift', (shift.LFU.hitRate + shift.LRU.hitRate) / 2),
      'dollars saved per MB': {
        unit: 'usd',
        better: 'higher',
        value: results.mixed.usdPerMb,
        target: mixed.LRU.usdPerMb,
        limit: mostSaved(traffic.mixed),
      },
    };
  },
  chart: ({ outcome, traffic }) => policies(traffic, outcome.value.results),
});

/** The chart of a run: hit rate by trace and policy, and dollars saved per megabyte. */
function policies(traffic: Record<TraceName, Trace>, yours: Record<TraceName, Result>): string {
  const lines = TRACES.flatMap((name) => {
    const rows = { ...yardstick(traffic[name]), yours: yours[name] };
    const best = name === 'mixed' ? mostSaved(traffic.mixed) : belady(traffic[name]);
    const value = (result: Result) => (name === 'mixed' ? result.usdPerMb : result.hitRate);
    const shown = (x: number) => (name === 'mixed' ? `$${x.toFixed(2)} a MB` : `${(x * 100).toFixed(1)} %`);
    const bars = Object.entries(rows).map(([policy, result]) => bar(policy, value(result), best, shown));
    return [
      `${name}: ${name === 'mixed' ? 'dollars saved' : 'hit rate'}`,
      ...bars,
      bar('optimum', best, best, shown),
      '',
    ];
  });
  return lines.join('\n');
}

const BAR = 40;

function bar(label: string, value: number, full: number, shown: (x: number) => string): string {
  return `  ${label.padEnd(8)} ${'█'.repeat(Math.round((value / full) * BAR)).padEnd(BAR)} ${shown(value)}`;
}
