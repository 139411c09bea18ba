import { setTimeout as sleep } from 'node:timers/promises';
import type { Arrival, LoadReport, Target } from '#course/day4-metrics/contracts/load-test.ts';

/** As many workers as sockets; each takes the next arrival from one list, waits until it is due and sends it. */
export async function loadTest(
  target: Target,
  arrivals: readonly Arrival[],
  { sockets, warmUpMs }: { sockets: number; warmUpMs: number },
): Promise<LoadReport> {
  const startMs = performance.now();
  const results: { dueMs: number; endMs: number; tokens?: number }[] = [];
  const list = arrivals.values();
  const worker = async () => {
    for (const { atMs, prompt } of list) {
      const early = startMs + atMs - performance.now();
      if (early > 0) await sleep(early);
      let tokens: number | undefined;
      try {
        tokens = (await target(prompt)).outputTokens;
      } catch {}
      if (atMs >= warmUpMs) results.push({ dueMs: atMs, endMs: performance.now() - startMs, tokens });
    }
  };
  await Promise.all(Array.from({ length: Math.min(sockets, arrivals.length) }, worker));
  const answered = results.filter((it) => it.tokens !== undefined);
  const latencies = Float64Array.from(answered, (it) => it.endMs - it.dueMs).sort();
  const rank = (share: number) => latencies[Math.ceil(share * latencies.length) - 1] ?? Number.NaN;
  const end = answered.reduce((most, it) => Math.max(most, it.endMs), warmUpMs);
  const perSec = (amount: number) => (amount * 1000) / (end - warmUpMs);
  return {
    p50Ms: rank(0.5),
    p95Ms: rank(0.95),
    p99Ms: rank(0.99),
    requestsPerSec: perSec(answered.length),
    tokensPerSec: perSec(answered.reduce((sum, it) => sum + (it.tokens ?? 0), 0)),
    errorShare: (results.length - answered.length) / results.length,
  };
}

export async function capacity(
  test: (ratePerSec: number) => Promise<LoadReport>,
  {
    p95Ms,
    errorShare,
    withinRates: [least, most],
  }: { p95Ms: number; errorShare: number; withinRates: [number, number] },
): Promise<number> {
  const search = async (good: number, bad: number): Promise<number> => {
    if (bad - good <= good * 0.03) return good;
    const rate = Math.sqrt(good * bad);
    const report = await test(rate);
    return report.p95Ms <= p95Ms && report.errorShare <= errorShare ? search(rate, bad) : search(good, rate);
  };
  const isKept = async (rate: number) => {
    const report = await test(rate);
    return report.p95Ms <= p95Ms && report.errorShare <= errorShare;
  };
  if (!(await isKept(least))) return 0;
  return (await isKept(most)) ? most : search(least, most);
}

export function knee(curve: readonly { ratePerSec: number; p95Ms: number }[]): number {
  const beyond = curve.findIndex(({ p95Ms }) => p95Ms > 2 * (curve[0]?.p95Ms ?? 0));
  return curve.at(beyond === -1 ? -1 : beyond - 1)?.ratePerSec ?? 0;
}

/** Growth per day, as the median of the growths between all pairs of days (Theil–Sen). */
export function exceedsOn(history: readonly { day: number; peakPerSec: number }[], most: number): number {
  const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const slopes = history.flatMap((a, i) =>
    history.slice(i + 1).map((b) => Math.log(b.peakPerSec / a.peakPerSec) / (b.day - a.day)),
  );
  const slope = median(slopes);
  const start = median(history.map(({ day, peakPerSec }) => Math.log(peakPerSec) - slope * day));
  return slope > 0 ? (Math.log(most) - start) / slope : Number.POSITIVE_INFINITY;
}
