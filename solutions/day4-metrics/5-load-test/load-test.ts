import type { Arrival, LoadReport, Target } from '#course/day4-metrics/contracts/load-test.ts';

interface Result {
  dueMs: number;
  endMs: number;
  /** null for a request that failed. */
  outputTokens: number | null;
}

/** An open model: every request has its own timer, and its clock runs from the moment at which it was due. */
export async function loadTest(
  target: Target,
  arrivals: readonly Arrival[],
  { sockets, warmUpMs }: { sockets: number; warmUpMs: number },
): Promise<LoadReport> {
  const startMs = performance.now();
  const waiting: (() => void)[] = [];
  let free = sockets;
  const send = async ({ atMs, prompt }: Arrival): Promise<Result> => {
    const dueMs = startMs + atMs;
    await sleep(dueMs - performance.now());
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      const { outputTokens } = await target(prompt);
      return { dueMs, endMs: performance.now(), outputTokens };
    } catch {
      return { dueMs, endMs: performance.now(), outputTokens: null };
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
  const results = await Promise.all(arrivals.map(send));
  const fromMs = startMs + warmUpMs;
  return report(
    results.filter(({ dueMs }) => dueMs >= fromMs),
    fromMs,
  );
}

function report(results: Result[], fromMs: number): LoadReport {
  const answered = results.filter(({ outputTokens }) => outputTokens !== null);
  const latencies = answered.map(({ dueMs, endMs }) => endMs - dueMs).sort((a, b) => a - b);
  const at = (p: number) => latencies[Math.ceil((p / 100) * latencies.length) - 1] ?? Number.NaN;
  const seconds = (Math.max(...answered.map(({ endMs }) => endMs)) - fromMs) / 1000;
  return {
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
    requestsPerSec: answered.length / seconds,
    tokensPerSec: answered.reduce((sum, { outputTokens }) => sum + (outputTokens as number), 0) / seconds,
    errorShare: 1 - answered.length / results.length,
  };
}

/** Halves the range until it is 2 % wide: what is below it keeps the promise, and what is above it breaks it. */
export async function capacity(
  test: (ratePerSec: number) => Promise<LoadReport>,
  slo: { p95Ms: number; errorShare: number; withinRates: [number, number] },
): Promise<number> {
  const isKept = async (ratePerSec: number) => {
    const { p95Ms, errorShare } = await test(ratePerSec);
    return p95Ms <= slo.p95Ms && errorShare <= slo.errorShare;
  };
  let [low, high] = slo.withinRates;
  if (!(await isKept(low))) return 0;
  while (high / low > 1.02) {
    const rate = Math.sqrt(low * high);
    if (await isKept(rate)) low = rate;
    else high = rate;
  }
  return low;
}

/** The last rate before p95 is more than twice that of the lowest rate; the rates rise. */
export function knee(curve: readonly { ratePerSec: number; p95Ms: number }[]): number {
  let last = 0;
  for (const { ratePerSec, p95Ms } of curve) {
    if (p95Ms > 2 * (curve[0]?.p95Ms ?? 0)) break;
    last = ratePerSec;
  }
  return last;
}

/** A line through the logarithms, by least squares: growth by a share of what is there. */
export function exceedsOn(history: readonly { day: number; peakPerSec: number }[], most: number): number {
  const points = history.map(({ day, peakPerSec }) => ({ x: day, y: Math.log(peakPerSec) }));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map((point) => point.x)), mean(points.map((point) => point.y))];
  const slope =
    mean(points.map((point) => (point.x - x) * (point.y - y))) /
    mean(points.map((point) => (point.x - x) ** 2));
  return slope > 0 ? x + (Math.log(most) - y) / slope : Number.POSITIVE_INFINITY;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
