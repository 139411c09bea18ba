import type { CallSpan, PlayTrace } from '../check/session.ts';
import { answeredMs, firstTokensMs } from '../check/trace.ts';
import { percentile, sum } from '../provider/stats.ts';

/** What every lab that makes calls can be compared by, whatever its own figures are. Null where nobody measured it. */
export interface PlayFigures {
  virtualMs: number;
  calls: number;
  p50Ms: number | null;
  p95Ms: number | null;
  /** Median time to the first token. */
  firstTokenMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** Share of the input tokens that the provider had cached. */
  cachedShare: number | null;
  costMicroUsd: number | null;
  /** Calls that ended without an answer. */
  unanswered: number;
}

/** The play that stands for the subject: the first with calls that the lab takes its figures from, else the first with calls. */
export function mainPlay(plays: readonly PlayTrace[]): PlayTrace | undefined {
  const busy = plays.filter(({ calls }) => calls.length > 0);
  return busy.find(({ measured }) => measured) ?? busy[0];
}

/** Undefined where no calls were made. */
export function playFigures(plays: readonly PlayTrace[]): PlayFigures | undefined {
  const play = mainPlay(plays);
  if (!play) return undefined;
  const { calls, totals, virtualMs } = play;
  const took = totals?.tookMs === undefined ? tookOf(calls) : totals.tookMs;
  const input = totals?.inputTokens ?? known(calls, 'inputTokens');
  const cached = totals?.cachedTokens ?? known(calls, 'cachedTokens');
  return {
    virtualMs,
    calls: totals?.calls ?? calls.length,
    p50Ms: took?.p50 ?? null,
    p95Ms: took?.p95 ?? null,
    firstTokenMs: totals?.firstTokenMs === undefined ? median(firstTokensMs(calls)) : totals.firstTokenMs,
    inputTokens: input,
    outputTokens: totals?.outputTokens ?? known(calls, 'outputTokens'),
    cachedShare: input && cached !== null ? cached / input : null,
    costMicroUsd: totals?.costMicroUsd ?? known(calls, 'costMicroUsd'),
    // What was not made by the simulator has no such totals, and records of earlier editions have fewer.
    unanswered:
      totals?.answered === undefined
        ? calls.filter(({ outcome }) => outcome !== 'answered').length
        : totals.calls - totals.answered,
  };
}

function tookOf(calls: readonly CallSpan[]): { p50: number; p95: number } | null {
  const took = answeredMs(calls);
  return took.length > 0 ? { p50: percentile(took, 50), p95: percentile(took, 95) } : null;
}

/** Sum over the calls for which the figure is known; null when it is known for none. */
export function known(
  calls: readonly CallSpan[],
  name: 'inputTokens' | 'cachedTokens' | 'outputTokens' | 'costMicroUsd',
): number | null {
  const values = calls.flatMap((call) => call[name] ?? []);
  return values.length > 0 ? sum(values) : null;
}

function median(values: number[]): number | null {
  return values.length > 0 ? percentile(values, 50) : null;
}
