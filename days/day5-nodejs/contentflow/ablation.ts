import { percentile, sum } from '#lib/provider';
import { naiveMicroUsd } from './bill.ts';
import { readingsOf, resultOf } from './gates.ts';
import { type Interval, ofMean, ofShare, ofSum } from './intervals.ts';
import { helpSource, ID } from './oracle.ts';
import { firstMs, type Outcome, tookMs } from './outcome.ts';

/** A stretch of a day with something switched off. */
export type AblationRow = {
  optimization: string;
  costMicroUsd: number;
  p95Ms: number;
  p95TtftMs: number;
  hitRate: number;
  qualityShare: number;
};

export function ablationRow(optimization: string, outcome: Outcome): AblationRow {
  const { steady, served } = outcome;
  const right = sum(outcome.quality.map(({ share, asked }) => share * asked));
  return {
    optimization,
    costMicroUsd: outcome.costMicroUsd,
    p95Ms: percentile(steady.map(tookMs), 95),
    p95TtftMs: percentile(steady.map(firstMs), 95),
    hitRate: readingsOf(outcome)['hit rate']?.value ?? 0,
    qualityShare: right / Math.max(1, served.length - outcome.excused.length),
  };
}

/** What a report says of the day besides its gates; with intervals where the figure is estimated from a sample. */
export function figuresOf(outcome: Outcome) {
  const { served, steady, calls, naive, costMicroUsd, help, day } = outcome;
  const saved = naive.costMicroUsd - costMicroUsd;
  const spared = help.filter((it) => it.hit && !it.wrong && !it.foreign && !it.stale).length;
  const reach = ofSum(savedEach(outcome));
  const minutes = day.plan.durationMs / 60_000;
  return {
    requests: { value: served.length },
    callsBefore: { value: served.length },
    callsYours: { value: calls.length },
    moneySavedMicroUsd: withInterval(saved, reach),
    costReduction: withInterval(saved / naive.costMicroUsd, scaled(reach, 1 / naive.costMicroUsd)),
    meanEndToEnd: withInterval(mean(steady.map(tookMs)), ofMean(steady.map(tookMs))),
    throughput: { value: served.length / minutes },
    hitRate: withInterval(spared / help.length, ofShare(spared, help.length)),
    quality: { value: resultOf(outcome).quality },
  };
}

/** What each request saved: its naive price, less what was paid for it. */
function savedEach({ served, calls, day }: Outcome): number[] {
  const paid = new Map<string, number>();
  for (const { prompt, answer, costMicroUsd } of calls) {
    const ref = helpSource(answer)?.ref;
    const names = ref === undefined ? (prompt.match(ID) ?? []) : [ref];
    for (const name of names) paid.set(name, (paid.get(name) ?? 0) + costMicroUsd / names.length);
  }
  return served.map(({ task, text }) => {
    const name = helpSource(text)?.ref ?? task.request.id;
    const cost = paid.get(name) ?? 0;
    // An answer that is served again has been paid for already.
    paid.delete(name);
    return naiveMicroUsd(task, day.plan) - cost;
  });
}

function withInterval(value: number, { low, high }: Interval) {
  return { value, low, high };
}

function scaled({ low, high }: Interval, by: number): Interval {
  return { low: low * by, high: high * by };
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}
