import type { Verdict } from '../../workbook/verdict.ts';

/** What watch mode shows, and what it waits for. */
export interface WatchState {
  /** `running`: the code is shown at human speed; `ran`: that is over and still on the screen. */
  phase: 'checking' | 'idle' | 'running' | 'ran';
  verdict?: Verdict;
  /** From the save to the verdict, as the learner felt it. */
  tookMs?: number;
  /** A hint or the solution, shown below the verdict until the next one. */
  extra?: string;
  /** The file changed while it was being graded or run, so what comes of that is already old. */
  stale: boolean;
  /** A key ended the run, so the verdict is wanted back. */
  stopped?: boolean;
  /** Saves are found by looking once a second, because the system does not report them. */
  polling: boolean;
}

export type WatchEvent =
  | { type: 'changed' }
  | { type: 'graded'; verdict: Verdict; tookMs: number }
  /** The compiler's notes, which come after the verdict. */
  | { type: 'notes'; notes: string[] }
  | { type: 'polling' }
  /** The run has ended. */
  | { type: 'ran' }
  | { type: 'extra'; text: string }
  | { type: 'key'; key: string };

/** What is to be done after an event. The state itself does nothing. */
export type WatchEffect =
  | 'grade'
  | 'next'
  | 'hint'
  | 'solution'
  | 'run'
  | 'stop'
  | 'list'
  | 'quit'
  | 'interrupt';

export const FIRST_STATE: WatchState = { phase: 'checking', stale: false, polling: false };

/** Keys do nothing while a check runs, so that an impatient press skips nothing. A pass never moves on by itself. */
export function step(state: WatchState, event: WatchEvent): [WatchState, WatchEffect?] {
  switch (event.type) {
    case 'changed':
      if (state.phase === 'checking') return [{ ...state, stale: true }];
      if (state.phase === 'running') return [{ ...state, stale: true }, 'stop'];
      return [checking(state), 'grade'];
    case 'graded':
      if (state.stale) return [{ ...checking(state), stale: false }, 'grade'];
      return [{ ...state, phase: 'idle', verdict: event.verdict, tookMs: event.tookMs }];
    case 'notes':
      if (state.phase === 'checking' || !state.verdict || event.notes.length === 0) return [state];
      return [{ ...state, verdict: { ...state.verdict, notes: event.notes } }];
    case 'ran':
      if (state.stale) return [{ ...checking(state), stale: false }, 'grade'];
      return [{ ...state, phase: state.stopped ? 'idle' : 'ran', stopped: false }];
    case 'polling':
      return [{ ...state, polling: true }];
    case 'extra':
      return [{ ...state, extra: event.text }];
    case 'key':
      return key(state, event.key);
  }
}

function checking(state: WatchState): WatchState {
  return { ...state, phase: 'checking', extra: undefined };
}

function key(state: WatchState, pressed: string): [WatchState, WatchEffect?] {
  if (pressed === 'ctrl-c') return [state, 'interrupt'];
  if (state.phase === 'checking') return [state];
  if (state.phase === 'running') return LEAVE.has(pressed) ? [{ ...state, stopped: true }, 'stop'] : [state];
  if (LEAVE.has(pressed)) return [state, 'quit'];
  // After a run any key brings the verdict back.
  const idle: WatchState = state.phase === 'ran' ? { ...state, phase: 'idle' } : state;
  switch (pressed) {
    case 'n':
      return state.verdict?.status === 'passed' ? [state, 'next'] : [idle];
    case 'r':
      return [{ ...idle, phase: 'running', extra: undefined }, 'run'];
    case 'c':
      return [checking(state), 'grade'];
    case 'h':
      return [idle, 'hint'];
    case 's':
      return [idle, 'solution'];
    case 'l':
      return [state, 'list'];
    default:
      return [idle];
  }
}

const LEAVE = new Set(['q', 'escape']);
