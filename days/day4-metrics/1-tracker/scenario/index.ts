import type * as Subject from '#days/day4-metrics/1-tracker/tracker.ts';
import { defineScenario } from '#lib/provider';
import { attempt } from '../../attempt.ts';
import {
  EDGE_CALLS,
  EDGES,
  exactMs,
  few,
  HOUR,
  MIDDLE,
  MINUTE,
  million,
  REFUSAL,
  record,
  T0,
  workers,
} from './calls.ts';
import { TOLERANCE, timeCalls, tracked, trackMillion, trackWindows, worstError } from './runs.ts';

export { EDGES, exactly, MINUTE } from './calls.ts';
export { TIMED_PARTS, TOLERANCE } from './runs.ts';

/** An hour with a million calls, a small window with every outcome, three workers, and a clock that is set back. */
export const scenario = defineScenario({
  traffic: (random) => ({ few: few(random), workers: workers(random), million: million(random) }),
  async play({ PerformanceTracker }: typeof Subject, { traffic, clock }) {
    return {
      empty: attempt(() => new PerformanceTracker().getStats(HOUR, T0)),
      refused: attempt(() => tracked(new PerformanceTracker(), [REFUSAL]).getStats(HOUR, T0 + HOUR)),
      few: attempt(() => tracked(new PerformanceTracker(), traffic.few).getStats(HOUR, T0 + HOUR)),
      million: attempt(() => trackMillion(new PerformanceTracker(), traffic.million.latencies)),
      ranks: attempt(() => {
        const calls = Array.from({ length: 20 }, (_, i) => record(MIDDLE + i, 1000 * (((i * 7) % 20) + 1)));
        return tracked(new PerformanceTracker(), calls).getStats(HOUR, T0 + HOUR);
      }),
      brief: attempt(() => {
        const calls = Array.from({ length: 20 }, (_, i) =>
          record(MIDDLE + i, 0.001 * Math.max(1, ((i * 7) % 20) - 8)),
        );
        return tracked(new PerformanceTracker(), calls).getStats(HOUR, T0 + HOUR);
      }),
      edges: attempt(() =>
        EDGES.map(({ minutes, nowMs }) => {
          const tracker = tracked(new PerformanceTracker(), EDGE_CALLS);
          return tracker.getStats(minutes * MINUTE, nowMs);
        }),
      ),
      late: attempt(() => {
        const calls = [T0 + 70 * MINUTE, T0 + 10 * MINUTE, T0 + 60 * MINUTE].map((atMs) => record(atMs, 500));
        return tracked(new PerformanceTracker(), calls).getStats(HOUR, T0 + 71 * MINUTE);
      }),
      windows: attempt(() => trackWindows(new PerformanceTracker())),
      merged: attempt(() => {
        const whole = new PerformanceTracker();
        for (const calls of traffic.workers) {
          const worker = tracked(new PerformanceTracker(), calls);
          whole.merge(JSON.parse(JSON.stringify(worker.snapshot())));
        }
        return whole.getStats(HOUR, T0 + HOUR);
      }),
      timed: await timeCalls(new PerformanceTracker(), clock.sleep),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const workersMs = traffic.workers.flatMap((calls) => calls.map((call) => call.latencyMs));
    const million = 'value' in value.million ? value.million.value.stats : null;
    const merged = 'value' in value.merged ? value.merged.value : null;
    // An exact answer has an error of 0, and nothing is nearer than that; the target is what the task asks for.
    const bounds = { unit: 'share', better: 'lower', target: TOLERANCE, limit: 0 } as const;
    return {
      'worst error, a million calls': {
        ...bounds,
        value: worstError(million, traffic.million.exactMs),
      },
      'worst error, three workers merged': {
        ...bounds,
        value: worstError(merged, exactMs(workersMs.sort((a, b) => a - b))),
      },
    };
  },
});
