import type { Metric, PlayTrace } from '../check/session.ts';
import type { PersonalBest } from './scores.ts';

export type CheckStatus = 'pass' | 'fail' | 'skipped' | 'error';

/** Where in a learner's file something happened. */
export interface Place {
  file: string;
  line: number;
}

export interface CheckVerdict {
  name: string;
  /** Which step of the lab it belongs to, in a lab that has steps. */
  step?: number;
  status: CheckStatus;
  /** What happened, as a sentence; null for a check that passed. */
  message: string | null;
  expected: string | null;
  actual: string | null;
  /** What to look at next. */
  help: string | null;
  /** The line of the learner's file that an error came from. */
  place: Place | null;
  /** What the code printed while this check ran, already cut to a readable length. */
  output: string;
}

/** The outcome of grading one subject of one lab. */
export interface Verdict {
  /** Id of the lab: "day1.1". */
  id: string;
  key: string;
  /** yours, before, solution, or the path given. */
  subject: string;
  /** `error` when it could not be graded; a wrong answer is `failed`. */
  status: 'passed' | 'failed' | 'error';
  message: string | null;
  /** Why there is no verdict, where that is the answer's doing: it reached for what judges it. */
  reason?: 'tampered';
  /** It could not be graded, and that is the workbook's own fault. */
  workbookFault?: true;
  place: Place | null;
  checks: CheckVerdict[];
  metrics: Metric[];
  /** What the lab's plays looked like, for a timeline. */
  plays: PlayTrace[];
  /** What the lab's scenario drew of them, as plain text. */
  charts: string[];
  /** What its checks recorded beside the figures; absent where they recorded nothing. */
  data?: Record<string, unknown>;
  /** How a passed answer's points stand, in a lab that keeps score. */
  personalBest?: PersonalBest;
  /** Hash of the files that were graded, as they were then. */
  hash?: string;
  seed: number;
  /** Virtual time of all plays together. */
  virtualMs: number;
  wallMs: number;
  /** Things worth knowing that decide nothing: a type error, output that was cut. */
  notes: string[];
}

/** How many steps of the lab are done: those before the first with a check that does not pass. */
export function stepsDone({ checks, status }: Pick<Verdict, 'checks' | 'status'>): number {
  const steps = checks.flatMap(({ step }) => step ?? []);
  const open = checks.find((check) => check.step !== undefined && check.status !== 'pass')?.step;
  if (open !== undefined) return open - 1;
  return status === 'passed' ? Math.max(0, ...steps) : 0;
}

/** The command that grades the same thing again. */
export function repeatCommand(verdict: Pick<Verdict, 'id' | 'subject' | 'seed'>): string {
  const plain = /^[\w./:@-]+$/.test(verdict.subject) ? verdict.subject : JSON.stringify(verdict.subject);
  const subject = verdict.subject === 'yours' ? '' : ` --subject ${plain}`;
  return `npm run lab -- check ${verdict.id}${subject} --seed ${verdict.seed}`;
}
