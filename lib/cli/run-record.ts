import type { CallSpan, PlayTrace } from '../check/session.ts';
import type { RunEvent } from '../workbook/run-events.ts';
import type { RunRecord } from '../workbook/runs.ts';

/** Listens to a run, and says in the end what is to be remembered of it. */
export interface RunListener {
  hear(event: RunEvent): void;
  /** Undefined where no call was made. */
  told(): Pick<RunRecord, 'status' | 'message' | 'virtualMs' | 'plays'> | undefined;
}

/** What the simulator measured counts; of a live run, what was seen to pass. */
export function listenToRun(): RunListener {
  const calls = new Map<number, CallSpan>();
  let measured: PlayTrace | undefined;
  let endMs = 0;
  let problem: string | null = null;
  let settled = false;
  return {
    hear(event) {
      if ('atMs' in event) endMs = Math.max(endMs, event.atMs);
      if (event.event === 'played') measured = event.play;
      if (event.event === 'refused') problem = event.message;
      if (event.event === 'settled') {
        settled = true;
        if (event.error) problem = `your code threw ${event.error}`;
      }
      hearCall(calls, event);
    },
    told() {
      if (calls.size === 0) return undefined;
      const open = (call: CallSpan) => (call.outcome === 'open' ? { ...call, endMs } : call);
      const play = measured ?? { virtualMs: endMs, calls: [...calls.values()].map(open) };
      const message = problem ?? (settled ? null : 'it was stopped');
      const status = message === null ? 'ended' : 'error';
      return { status, message, virtualMs: Math.round(play.virtualMs), plays: [play] };
    },
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

const OUTCOMES = { complete: 'answered', stopped: 'aborted', failed: 'refused' } as const;

function hearCall(calls: Map<number, CallSpan>, event: RunEvent): void {
  if (event.event === 'asked') {
    calls.set(event.id, { startMs: event.atMs, endMs: event.atMs, outcome: 'open', firstTokenMs: null });
  }
  const call = 'id' in event ? calls.get(event.id) : undefined;
  if (!call) return;
  if (event.event === 'text') call.firstTokenMs ??= event.atMs;
  if (event.event === 'ended') {
    const { input, cached, output } = event.usage ?? {};
    const broken = event.how === 'failed' && event.status < 400;
    Object.assign(call, {
      ...{ endMs: event.atMs, status: event.status, outcome: broken ? 'broken' : OUTCOMES[event.how] },
      ...{ inputTokens: input, cachedTokens: cached, outputTokens: output },
    });
  }
}
