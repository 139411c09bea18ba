import type { Reading } from '../provider/metrics.ts';

/** One row of a lab's table of figures. `before` is null until the naive version was measured too. */
export interface Metric extends Omit<Reading, 'value'> {
  name: string;
  yours: number;
  before: number | null;
}

/** A check as its file declares it. */
export interface DeclaredCheck {
  title: string;
  needs: readonly string[];
  /** Which step of the lab it belongs to, in a lab that has steps. */
  step?: number;
  body: () => Promise<void> | void;
}

/**
 * What one import of a check file works with. In the grader vitest makes it; the course's own proof makes one per
 * subject, so that many subjects can be graded in one process.
 */
export interface CheckSession {
  seed: number;
  /** Imports the pristine starter, so that the same run measures "before"; undefined where nobody asked for it. */
  loadBefore?: () => Promise<unknown>;
  declare(check: DeclaredCheck): void;
  /** Where the answer lives in a process of its own: plays take place there, and their records come back. */
  readonly elsewhere?: Elsewhere;
  /** In that process: what the check file wants to have played, in the order in which it says so. */
  readonly programme?: ((argument: unknown) => Promise<unknown>)[];
  /** Titles of the checks of this file that have failed so far. */
  readonly failed: Set<string>;
  /** The step to which the checks that are being declared belong, and the first step that a check has failed in. */
  step?: number;
  failedStep?: number;
  /** What kept a check from its value (the code threw, got stuck), and the title of the first check that said so. */
  readonly blocked: Map<string, string>;
  readonly metrics: Map<string, Metric>;
  /** Names of the figures that a check has held to their target. */
  readonly judged: Set<string>;
  /** What the plays of this file looked like, for a screen to draw. */
  readonly plays: PlayTrace[];
  /** Plays with figures that have not been played: as long as there are some, the table of figures is not whole. */
  unplayed: number;
  /** What the scenarios drew of those plays; undefined where nobody will look. */
  readonly charts: string[] | undefined;
  /** What the checks recorded beside the figures, by name. */
  readonly data: Record<string, Json>;
}

/** The judge's road to the process of the answer. */
export interface Elsewhere {
  /** A number for the next play or trial that the check file declares. */
  next(): number;
  /** Has it done there. Resolves to what came of it, as data. */
  ask(number: number, argument: unknown): Promise<unknown>;
}

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The outline of one play: how long it took in virtual time, and when its calls were under way. */
export interface PlayTrace {
  virtualMs: number;
  /** In order of arrival; of a long play evenly chosen ones. */
  calls: CallSpan[];
  /** Each of them stands for so many. Default: 1. */
  every?: number;
  /** Whether the lab's figures are taken from this play. */
  measured?: boolean;
  /** Over all calls of the play. */
  totals?: PlayTotals;
}

export interface PlayTotals {
  calls: number;
  /** Most of them under way at one time. */
  peak?: number;
  answered?: number;
  /** Refused with 429, and refused or broken off for another reason. */
  limited?: number;
  failed?: number;
  aborted?: number;
  /** How long the answered ones took, and the median time to a first token; null where there was none. */
  tookMs?: { p50: number; p95: number; p99: number } | null;
  firstTokenMs?: number | null;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costMicroUsd: number;
}

/** One call of a play. What nobody measured is absent. */
export interface CallSpan {
  startMs: number;
  endMs: number;
  outcome: 'answered' | 'refused' | 'aborted' | 'broken' | 'open';
  firstTokenMs?: number | null;
  status?: number | null;
  costMicroUsd?: number;
  inputTokens?: number;
  cachedTokens?: number;
  outputTokens?: number;
}

let current: CheckSession | undefined;
let makeSession = (): CheckSession => {
  throw new Error('No check file is being loaded: checks are declared while vitest or the grader loads one.');
};

/** The session of the check file being imported: the one set up for it, else one that vitest's setup file makes. */
export function session(): CheckSession {
  current ??= makeSession();
  return current;
}

/** Says how a session is made where none is set up. */
export function onFirstUse(make: () => CheckSession): void {
  makeSession = make;
}

/** Imports check files, or runs one check, under a session. Not for concurrent use. */
export async function withSession<T>(session: CheckSession, load: () => Promise<T>): Promise<T> {
  const outer = current;
  current = session;
  try {
    return await load();
  } finally {
    current = outer;
  }
}

export function newSession({
  draws = true,
  ...options
}: Pick<CheckSession, 'seed' | 'loadBefore' | 'declare' | 'elsewhere' | 'programme'> & {
  draws?: boolean;
}): CheckSession {
  return {
    ...options,
    failed: new Set(),
    blocked: new Map(),
    metrics: new Map(),
    judged: new Set(),
    plays: [],
    unplayed: 0,
    charts: draws ? [] : undefined,
    data: {},
  };
}
