import type { Metric } from '../check/session.ts';

/** What is remembered of one lab. */
export interface LabProgress {
  /** How the learner's file did when it was last graded. */
  status?: 'failing' | 'passed';
  /** Hash of the file when it passed last, to say "edited since". */
  passedHash?: string;
  /** Most steps that were done at one time, in a lab that has steps. */
  steps?: number;
  /** When that was. Stays when a later version fails, to say "passed before". */
  passedAt?: string;
  /** The edition whose checks it passed; the first did not say so. */
  passedEdition?: number;
  /** Number of times a changed file was graded. */
  attempts?: number;
  lastHash?: string;
  /** Rungs of the hints shown so far. */
  hints?: number;
  /** When the solution was shown, and whether that was before an attempt. */
  solution?: { at: string; forced: boolean };
  /** What was measured when it last passed; until then, at its last try. */
  measured?: Measured;
  /** In a lab that keeps score: the points of the answers that passed, oldest first. */
  scores?: Score[];
}

/** The figures of a learner's file. */
export interface Measured {
  at: string;
  seed: number;
  passed: boolean;
  metrics: Metric[];
  /** What the lab's checks recorded beside the figures. */
  data?: Record<string, unknown>;
}

/** Points of one answer, of the solution, and of the bound that no code can beat, all on one seed. */
export interface Score {
  at: string;
  seed: number;
  score: number;
  reference: number;
  limit: number;
}

/** How many of a day's questions or changes were told right. */
export interface Answers {
  right: number;
  of: number;
  at: string;
}

export interface Progress {
  version: 1;
  /** Key of the lab last worked on. */
  current?: string;
  labs: Record<string, LabProgress>;
  quizzes: Record<string, Answers>;
  /** The last round of reviews of each day. */
  reviews?: Record<string, Answers>;
  /** When each change that was reviewed should be seen again. */
  cards?: Record<string, unknown>;
}
