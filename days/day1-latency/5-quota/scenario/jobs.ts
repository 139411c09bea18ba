import type { Random } from '#lib/provider';

/** The limits of the account, as its deployment has them. */
export const LIMITS = { rpm: 30, tpm: 6000 };
export const MINUTE_MS = 60_000;

/** When the parts begin. Ten seconds after the late tickets have come, a minute of the clock is over. */
export const START_MS = { tickets: 0, early: 180_000, late: 230_000, reports: 360_000 };
export type Phase = keyof typeof START_MS;

export interface Job {
  phase: Phase;
  atMs: number;
  prompt: string;
  /** Most tokens of the output. The provider counts it on arrival as if it were used. */
  cap: number;
}

/** Each of them at the start of its part, all at once. */
export function jobs(random: Random): Job[] {
  const list = (phase: Phase, count: number, about: (i: number) => string, cap: number) =>
    Array.from({ length: count }, (_, i): Job => ({ phase, atMs: START_MS[phase], prompt: about(i), cap }));
  const topics = ['a refund', 'an invoice', 'a delivery', 'a password'];
  return [
    ...list('tickets', 75, (i) => `Which team gets ticket ${1000 + i} about ${random.pick(topics)}?`, 20),
    ...list('early', 1, () => 'Which team gets ticket 2000?', 20),
    ...list('late', 45, (i) => `Which team gets ticket ${3000 + i} about ${random.pick(topics)}?`, 20),
    ...list('reports', 50, (i) => `Report ${i}: what went wrong with ${random.pick(topics)} this week?`, 700),
  ];
}

/** What the provider counts on arrival: a quarter of the prompt's characters, and the output cap. */
export function estimate(prompt: string, cap: number): number {
  return Math.ceil(prompt.length / 4) + cap;
}
