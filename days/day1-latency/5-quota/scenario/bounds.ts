import { modelFor, quick, type Reading, type Run } from '#lib/provider';
import { estimate, type Job, MINUTE_MS, type Phase, START_MS } from './jobs.ts';

/** What one part of the morning needs, and what came of it. */
export function partOf(
  phase: Phase,
  { traffic, ledger, quote }: Pick<Run<Job[], void>, 'traffic' | 'ledger' | 'quote'>,
) {
  const part = traffic.filter((job) => job.phase === phase);
  const needs = part.map(({ prompt, cap }) => {
    const messages = [{ role: 'user' as const, content: prompt }];
    const { totalMs, inputTokens, outputTokens } = quote('openai', {
      ...quick(modelFor('small')),
      messages,
      max_completion_tokens: cap,
    });
    return { totalMs, used: inputTokens + outputTokens, estimated: estimate(prompt, cap) };
  });
  const answered = part
    .flatMap(({ prompt }) => ledger.callsFor(prompt))
    .filter((call) => call.outcome === 'answered');
  return {
    needs,
    answered,
    tookMs: Math.max(0, ...answered.map((call) => call.endMs ?? 0)) - START_MS[phase],
    shortestMs: Math.min(...needs.map((it) => it.totalMs)),
  };
}

/** How long it takes a bucket, full at the start, to let so much through. A millisecond's worth is not missed. */
export function timeFor(amount: number, perMinute: number): number {
  return Math.max(0, ((amount - perMinute) / perMinute) * MINUTE_MS - 1);
}

interface Throughput {
  done: number;
  tookMs: number;
}

/** What got through, as a share of the quota of the time that it took; nothing counts as faster than possible. */
export function share(real: Throughput, best: Throughput, perMinute: number): Reading {
  const part = ({ done, tookMs }: Throughput) => done / perMinute / (tookMs / MINUTE_MS);
  return {
    unit: 'share',
    better: 'higher',
    value: part({ done: real.done, tookMs: Math.max(real.tookMs, best.tookMs) }),
    target: 0.9,
    limit: part(best),
  };
}
