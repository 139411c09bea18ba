import type { Arrival, LoadReport, Target } from '#course/day4-metrics/contracts/load-test.ts';

/** Sends the requests to the target, over so many sockets. What is due before `warmUpMs` is sent, not measured. */
export async function loadTest(
  target: Target,
  arrivals: readonly Arrival[],
  _o: { sockets: number; warmUpMs: number },
): Promise<LoadReport> {
  const latencies: number[] = [];
  const [queue, startMs] = [[...arrivals], performance.now()];
  let tokens = 0;
  // TODO: what does this measure of a target that stands still for five seconds?
  const user = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const sentMs = performance.now();
      tokens += (await target(next.prompt)).outputTokens;
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: 10 }, user));
  const seconds = (performance.now() - startMs) / 1000;
  const at = (p: number) => latencies.sort((a, b) => a - b)[Math.ceil((p / 100) * latencies.length) - 1] ?? 0;
  const rates = { requestsPerSec: latencies.length / seconds, tokensPerSec: tokens / seconds };
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99), ...rates, errorShare: 0 };
}

/** The highest rate at which the target keeps p95 and errors within bounds. `test` runs a load test at a rate. */
export async function capacity(
  test: (ratePerSec: number) => Promise<LoadReport>,
  _slo: { p95Ms: number; errorShare: number; withinRates: [number, number] },
): Promise<number> {
  return (await test(1000)).requestsPerSec;
}

/** The last rate before p95 is more than twice that of the lowest rate; the rates rise. */
export function knee(curve: readonly { ratePerSec: number; p95Ms: number }[]): number {
  return Math.max(...curve.map((point) => point.ratePerSec));
}

/** The first day on which the peak will be over the capacity, if it goes on growing as in this history. */
export function exceedsOn(history: readonly { day: number; peakPerSec: number }[], most: number): number {
  const [first, last] = [history[0], history.at(-1)];
  if (!first || !last) return Number.POSITIVE_INFINITY;
  const perDay = (last.peakPerSec - first.peakPerSec) / (last.day - first.day);
  return last.day + (most - last.peakPerSec) / perDay;
}
