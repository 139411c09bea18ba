import type { Arrival, LoadReport, Target } from '#course/day4-metrics/contracts/load-test.ts';

/**
 * One scheduler instead of a timer for each request: it sleeps until the next one is due and starts all that are. A
 * request finds its socket in a list of free ones. Capacity is found on a ladder of rates, then on a finer one.
 */
export async function loadTest(
  target: Target,
  arrivals: readonly Arrival[],
  { sockets, warmUpMs }: { sockets: number; warmUpMs: number },
): Promise<LoadReport> {
  const startMs = performance.now();
  const backlog: Arrival[] = [];
  const latencies: number[] = [];
  let [busy, tokens, failed, left, lastMs] = [0, 0, 0, arrivals.length, 0];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });

  const start = ({ atMs, prompt }: Arrival): void => {
    busy += 1;
    const measured = atMs >= warmUpMs;
    target(prompt)
      .then(
        ({ outputTokens }) => {
          if (!measured) return;
          lastMs = performance.now();
          latencies.push(lastMs - startMs - atMs);
          tokens += outputTokens;
        },
        () => {
          if (measured) failed += 1;
        },
      )
      .then(() => {
        busy -= 1;
        left -= 1;
        const next = backlog.shift();
        if (next) start(next);
        if (left === 0) finish();
      });
  };
  for (const arrival of arrivals) {
    const earlyMs = startMs + arrival.atMs - performance.now();
    if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
    if (busy < sockets) start(arrival);
    else backlog.push(arrival);
  }
  await finished;

  const sorted = Float64Array.from(latencies).sort();
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const seconds = (lastMs - startMs - warmUpMs) / 1000;
  return {
    p50Ms: at(0.5),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    requestsPerSec: latencies.length / seconds,
    tokensPerSec: tokens / seconds,
    errorShare: failed / (failed + latencies.length),
  };
}

export async function capacity(
  test: (ratePerSec: number) => Promise<LoadReport>,
  slo: { p95Ms: number; errorShare: number; withinRates: [number, number] },
): Promise<number> {
  const [lowest, highest] = slo.withinRates;
  let best = 0;
  for (const step of [1.5, 1.1, 1.02])
    for (let rate = Math.max(lowest, best * step); rate <= highest && rate > best; ) {
      const report = await test(rate);
      if (report.p95Ms > slo.p95Ms || report.errorShare > slo.errorShare) break;
      best = rate;
      rate = Math.min(highest, rate * step);
    }
  return best;
}

export function knee(curve: readonly { ratePerSec: number; p95Ms: number }[]): number {
  let last = 0;
  for (const { ratePerSec, p95Ms } of curve) {
    if (p95Ms > 2 * (curve[0]?.p95Ms ?? 0)) break;
    last = ratePerSec;
  }
  return last;
}

/** Growth per day from the medians of the first and the last four weeks. */
export function exceedsOn(history: readonly { day: number; peakPerSec: number }[], most: number): number {
  const middle = (points: typeof history) => {
    const logs = points.map((point) => Math.log(point.peakPerSec)).sort((a, b) => a - b);
    const days = points.map((point) => point.day);
    return { day: ((days[0] ?? 0) + (days.at(-1) ?? 0)) / 2, log: logs[Math.floor(logs.length / 2)] ?? 0 };
  };
  const [early, late] = [middle(history.slice(0, 29)), middle(history.slice(-29))];
  if (late.log <= early.log) return Number.POSITIVE_INFINITY;
  return late.day + ((Math.log(most) - late.log) * (late.day - early.day)) / (late.log - early.log);
}
