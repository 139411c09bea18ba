import type { CheckReport } from '../check/vitest.ts';
import type { Place } from '../workbook/verdict.ts';

/** What the grader asks its child process to grade. All paths are absolute. */
export interface GradeRequest {
  /** Goes back with every answer; unknown to the code under check, so that it cannot answer in the child's name. */
  token: string;
  checkFile: string;
  /** The files under check, and the pristine ones whose exports they must have. */
  subjectFiles: string[];
  beforeFiles: string[];
  /** The command that brings the files under check back, where there is one. */
  restore?: string;
  /** What each `#days/…` import means in this run. */
  imports: Record<string, string>;
  seed: number;
  /** True when "before" is to be measured in the same run. */
  measureBefore: boolean;
  /** How many times the usual limit a check may take. */
  patience: number;
}

/** How one check ended, as vitest knows it. */
export interface EndedCheck {
  title: string;
  state: 'passed' | 'failed' | 'skipped' | 'pending';
  report?: CheckReport;
  error?: ThrownError;
}

/** An error that the code under check, or the machinery around it, threw. */
export interface ThrownError {
  name: string;
  message: string;
  /** First line of the learner's own file on the stack. */
  place?: Place;
}

/** What the code under check tried that no graded code may do. */
export interface Incident {
  kind: 'exit' | 'network' | 'process';
  text: string;
}

export type ChildEvent =
  /** vitest is up; the limit for each check begins with that check. */
  | { event: 'ready' }
  | { event: 'started'; title: string; ended: EndedCheck[] }
  | { event: 'output'; title: string; text: string; cut: boolean }
  | { event: 'incident'; incident: Incident }
  /** The files cannot be graded at all: one does not parse, or lacks an export. */
  | { event: 'refused'; message: string; place?: Place }
  | { event: 'memory'; megabytes: number }
  | { event: 'done'; checks: EndedCheck[]; loadErrors: ThrownError[]; unhandled: ThrownError[] }
  /** The grader's own fault. */
  | { event: 'broken'; message: string };

export type ChildMessage = ChildEvent & { token: string };

/** Name of the channel between the worker thread, in which the code under check runs, and the child's main thread. */
export const WORKER_CHANNEL = 'workbook-grader';

export type WorkerEvent = Extract<ChildEvent, { event: 'started' | 'output' | 'incident' }>;
