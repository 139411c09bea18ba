import type { CheckReport } from '../check/vitest.ts';
import type { Place } from '../workbook/verdict.ts';

/** What the grader asks its child process to grade. All paths are absolute. */
export interface GradeRequest {
  /** Goes back with every answer; unknown to the code under check, so that it cannot answer in the child's name. */
  token: string;
  checkFile: string;
  /** The files under check, and the pristine ones whose exports they must have. */
  subjectFiles: string[];
  /** What those files held when the grading began: this is graded, whatever is saved meanwhile. Null for one that is missing. */
  subjectTexts: (string | null)[];
  beforeFiles: string[];
  /** The command that brings the files under check back, where there is one. */
  restore?: string;
  /** What each `#days/…` import means in this run. */
  imports: Record<string, string>;
  /** Folder of the lab's solution, where the files under check may not import it. */
  solution?: string;
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
  kind: 'exit' | 'network' | 'process' | 'tampered';
  text: string;
}

export type ChildEvent =
  /** vitest is up; the limit for each check begins with that check. */
  | { event: 'ready' }
  /** The process in which the answer plays. */
  | { event: 'answering'; pid: number | undefined }
  /** That process is gone. */
  | { event: 'ended'; why: string }
  /** `declared` are the titles of all checks, in the order of their file. */
  | { event: 'started'; title: string; ended: EndedCheck[]; declared: string[] }
  | { event: 'output'; title: string; text: string; cut: boolean }
  | { event: 'incident'; incident: Incident }
  /** The files cannot be graded at all: one does not parse, or lacks an export. */
  | { event: 'refused'; message: string; place?: Place }
  | { event: 'done'; checks: EndedCheck[]; loadErrors: ThrownError[]; unhandled: ThrownError[] }
  /** The grader's own fault. */
  | { event: 'broken'; message: string };

export type ChildMessage = ChildEvent & { token: string };

/** What the thread of the judge tells while it runs. */
export type WorkerEvent = Extract<ChildEvent, { event: 'started' }>;
