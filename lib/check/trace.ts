import type { Call } from '../provider/ledger.ts';
import type { Run } from '../provider/scenario.ts';
import { percentile } from '../provider/stats.ts';
import type { CallSpan, PlayTotals, PlayTrace } from './session.ts';

/** Calls of one play that are kept one by one, to be drawn; the totals are of all. */
export const MOST_CALLS = 1000;

/** What a screen needs to draw a play. */
export function traceOf({
  ledger,
  settledMs,
}: Pick<Run<unknown, unknown>, 'ledger' | 'settledMs'>): PlayTrace {
  const all = ledger.calls.map((call) => spanOf(call, settledMs));
  const { calls, answered, aborted, refused, broken, ...sums } = ledger.totals();
  const { inputTokens, cachedTokens, outputTokens, costMicroUsd } = sums;
  const limited = all.filter(({ status }) => status === 429).length;
  const totals: PlayTotals = {
    ...{ calls, answered, limited, failed: refused + broken - limited, aborted },
    ...{ inputTokens, cachedTokens, outputTokens, costMicroUsd, ...figuresOf(all) },
  };
  const play = { virtualMs: settledMs, calls: all, totals };
  return thinned(play, Math.ceil(all.length / MOST_CALLS));
}

/** The same play with one of so many of its calls: the first, and then every so-manieth. */
export function thinned(play: PlayTrace, of: number): PlayTrace {
  if (of <= 1) return play;
  return { ...play, calls: play.calls.filter((_, i) => i % of === 0), every: (play.every ?? 1) * of };
}

/** How long each answered call took. */
export function answeredMs(calls: readonly CallSpan[]): number[] {
  return calls.flatMap((call) => (call.outcome === 'answered' ? [call.endMs - call.startMs] : []));
}

/** How long each call waited for its first token, where it had one. */
export function firstTokensMs(calls: readonly CallSpan[]): number[] {
  return calls.flatMap(({ startMs, firstTokenMs }) =>
    typeof firstTokenMs === 'number' ? [firstTokenMs - startMs] : [],
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

function spanOf(call: Call, settledMs: number): CallSpan {
  const { startMs, endMs, outcome, firstTokenMs, status, costMicroUsd, tokens } = call;
  return {
    ...{ startMs, endMs: endMs ?? settledMs, outcome, firstTokenMs, status, costMicroUsd },
    ...{ inputTokens: tokens.input, cachedTokens: tokens.cached, outputTokens: tokens.output },
  };
}

function figuresOf(calls: readonly CallSpan[]): Pick<PlayTotals, 'peak' | 'tookMs' | 'firstTokenMs'> {
  const took = answeredMs(calls);
  const first = firstTokensMs(calls);
  const at = (p: number) => percentile(took, p);
  return {
    peak: peakOf(calls),
    tookMs: took.length > 0 ? { p50: at(50), p95: at(95), p99: at(99) } : null,
    firstTokenMs: first.length > 0 ? percentile(first, 50) : null,
  };
}

/** A call that ends at the moment when another begins is not under way any more. */
function peakOf(calls: readonly CallSpan[]): number {
  const starts = calls.map(({ startMs }) => startMs).sort((a, b) => a - b);
  const ends = calls.map(({ endMs }) => endMs).sort((a, b) => a - b);
  let ended = 0;
  let peak = 0;
  for (const [begun, startMs] of starts.entries()) {
    while ((ends[ended] ?? Number.POSITIVE_INFINITY) <= startMs) ended += 1;
    peak = Math.max(peak, begun + 1 - ended);
  }
  return peak;
}
