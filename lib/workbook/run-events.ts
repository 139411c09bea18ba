import type { PlayTrace } from '../check/session.ts';

/** What the child of `lab run` is asked to play. */
export interface RunRequest {
  scenarioFile: string;
  subjectFile: string;
  seed: number;
  mode: 'estimate' | 'simulated' | 'live' | 'replay';
  /** The recorded traffic to replay: a path. */
  trace?: string;
  /** How many times as fast as life a simulated run is shown. */
  speed: number;
  /** Dollars that a live run may spend. */
  budgetUsd: number;
  /** Calls that it makes by the estimate, among which the dollars are shared out. */
  expectedCalls: number;
}

/** What happens while a scenario is played, in the order in which it happens. Times are since the start. */
export type RunEvent =
  | { event: 'asked'; id: number; atMs: number; prompt: string }
  /** Words of an answer: `whole` for one that came in a piece. */
  | { event: 'text'; id: number; atMs: number; text: string; whole: boolean }
  | {
      event: 'ended';
      id: number;
      atMs: number;
      status: number;
      how: 'complete' | 'stopped' | 'failed';
      usage?: CallUsage;
    }
  /** The subject's promise settled. `error` is what it threw. */
  | { event: 'settled'; atMs: number; error?: string }
  /** What the simulator measured of the play. */
  | { event: 'played'; play: PlayTrace }
  /** What the play would take and cost, by the simulator. */
  | { event: 'estimate'; ms: number; calls: number; costMicroUsd: number; live: LiveVerdict }
  /** A recorded trace was replayed; `text` says what came of it. */
  | { event: 'replayed'; text: string }
  /** It cannot be played so. */
  | { event: 'refused'; message: string };

/** Whether a lab's scenario can be put to a real account. */
export type LiveVerdict = { ok: true } | { ok: false; why: string };

export interface CallUsage {
  input: number;
  cached: number;
  output: number;
}

/** The variables that a live run reads; no other process of the workbook gets them. */
export const ACCOUNT_VARIABLES = [
  ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'OPENAI_MODEL'],
  ...['AZURE_OPENAI_API_KEY', 'AZURE_OPENAI_ENDPOINT', 'AZURE_OPENAI_DEPLOYMENT', 'AZURE_OPENAI_API_VERSION'],
] as const;
