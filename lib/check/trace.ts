import type { Call } from '../provider/ledger.ts';
import type { Run } from '../provider/scenario.ts';
import type { CallSpan, PlayTrace } from './session.ts';

/** Calls of one play that are kept one by one; the totals count them all. */
export const MOST_CALLS = 1000;

/** What a screen needs to draw a play. */
export function traceOf({
  ledger,
  settledMs,
}: Pick<Run<unknown, unknown>, 'ledger' | 'settledMs'>): PlayTrace {
  const { calls, answered, inputTokens, cachedTokens, outputTokens, costMicroUsd } = ledger.totals();
  return {
    virtualMs: settledMs,
    calls: ledger.calls.slice(0, MOST_CALLS).map((call) => spanOf(call, settledMs)),
    totals: { calls, answered, inputTokens, cachedTokens, outputTokens, costMicroUsd },
  };
}

function spanOf(call: Call, settledMs: number): CallSpan {
  const { startMs, endMs, outcome, firstTokenMs, status, costMicroUsd, tokens } = call;
  return {
    ...{ startMs, endMs: endMs ?? settledMs, outcome, firstTokenMs, status, costMicroUsd },
    ...{ inputTokens: tokens.input, cachedTokens: tokens.cached, outputTokens: tokens.output },
  };
}
