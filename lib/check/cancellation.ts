import { getEventListeners } from 'node:events';
import type { Clock } from '../clock/index.ts';
import { hold } from './failure.ts';

/** When a caller leaves: before its call, so many milliseconds after it, as soon as the call has ended, or not at all. */
export type Leaving = 'before' | 'after' | 'never' | number;

/** What a caller who may leave saw of its call. All of it is data. */
export interface Ended<T = unknown> {
  how: 'resolved' | 'rejected' | 'never settled';
  afterMs: number;
  value?: T;
  /** What it was rejected with, in words, and whether that is the reason of its own signal. */
  error?: string;
  isReason: boolean;
  /** Listeners for its abort that were left on the signal. */
  listeners: number;
}

/** Nobody waits longer than this for a call to end. */
const PATIENCE_MS = 10 * 60_000;
/** A rejection at once may take a turn of the event loop or two. */
const AT_ONCE_MS = 5;

/**
 * Calls something that takes a signal, as a caller who leaves at that moment, and tells how it ended. For the play of a
 * scenario, or for a `trial`: where the answer lives.
 */
export async function callAndLeave<T>(
  clock: Pick<Clock, 'now' | 'sleep'>,
  leaving: Leaving,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<Ended<T>> {
  const user = new AbortController();
  const { signal } = user;
  const leave = () => user.abort(new Error('the user left'));
  const patience = new AbortController();
  const startMs = clock.now();
  const ended = (seen: Pick<Ended<T>, 'how' | 'value' | 'error'>, reason?: unknown): Ended<T> => ({
    ...seen,
    afterMs: clock.now() - startMs,
    isReason: signal.aborted && reason === signal.reason,
    listeners: 0,
  });
  if (leaving === 'before') leave();
  const outcome = (async () => call(signal))().then(
    (value) => ended({ how: 'resolved', value }),
    (reason: unknown) => ended({ how: 'rejected', error: String(reason) }, reason),
  );
  if (typeof leaving === 'number') clock.sleep(leaving, patience.signal).then(leave, () => {});
  const never = clock.sleep(PATIENCE_MS, patience.signal).then(() => ended({ how: 'never settled' }));
  never.catch(() => {});
  const seen = await Promise.race([outcome, never]);
  patience.abort();
  if (leaving === 'after') leave();
  // Code may tidy up in a turn of its own.
  await clock.sleep(1);
  return { ...seen, listeners: getEventListeners(signal, 'abort').length };
}

/** Fails the check unless the caller was let go at that moment with the reason of its signal. `who` names it. */
export function isLetGo(seen: Ended, who: string, atMs: number): void {
  hold(seen.how === 'rejected' && Math.abs(seen.afterMs - atMs) <= AT_ONCE_MS, {
    happened: `${who} ${endedInWords(seen)}`,
    expected: `a rejection ${atMs === 0 ? 'at once' : `in the moment in which it leaves, after ${Math.round(atMs)} ms`}`,
    help:
      atMs === 0
        ? 'A signal that has aborted sends no event any more: look at `signal.aborted` first.'
        : 'Listen to the signal while the call waits; nobody should queue for a page that is closed.',
  });
  hold(seen.isReason, {
    happened: `${who} was rejected with "${seen.error}"`,
    expected: 'its `signal.reason`, here "Error: the user left"',
  });
}

/** Fails the check if listeners were left on the signal of a call that has ended. */
export function leavesNoListener(seen: Ended, who: string): void {
  hold(seen.listeners === 0, {
    happened: `when ${who} had ended, ${seen.listeners === 1 ? 'a listener was' : `${seen.listeners} listeners were`} left on its signal`,
    expected: 'none: a signal may live as long as its session, and keeps alive what listens to it',
    help: '`removeEventListener` with the same function, as soon as the call no longer waits.',
  });
}

/** How a call ended: "was rejected after 200 ms with "Error: …"". */
export function endedInWords({ how, afterMs, error }: Ended): string {
  if (how === 'never settled') return `had not ended after ${PATIENCE_MS / 60_000} minutes`;
  const after = `after ${Math.round(afterMs)} ms`;
  return how === 'resolved' ? `got through ${after}` : `was rejected ${after} with "${error}"`;
}
