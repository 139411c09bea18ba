export interface Scope extends Record<'tenant' | 'feature', string> {
  /** False for work that can wait until tomorrow. */
  urgent: boolean;
}

/** `threshold` 0.5 and 0.8: so much is spent. 1: a request was blocked. `period` is `2026-01-05` or `2026-01`. */
export interface Alert {
  period: string;
  threshold: 0.5 | 0.8 | 1;
  escalated: boolean;
}

export interface Policy {
  dayMicroUsd: number;
  monthMicroUsd: number;
  /** An alert that nobody acknowledged by then is sent again, with `escalated: true`. */
  escalateAfterMs: number;
  notify(alert: Alert): void;
  now(): number;
}

export type Figure = 'calls' | 'tokens' | 'microUsd' | 'share';

/** `share`: of all that was billed. */
export type Row = Record<'tenant' | 'feature' | 'model', string> & Record<Figure, number>;

export type Lease = { scope: Scope; maxMicroUsd: number };

export type Decision =
  | { action: 'proceed' | 'downgrade'; lease: Lease }
  | { action: 'queue' | 'block'; untilMs: number };
