import type { Change } from '../../workbook/review-round.ts';
import type { CheckVerdict, Verdict } from '../../workbook/verdict.ts';

/** How one change was answered: which option, or that the round was left. */
export type Told = { kind: 'chosen'; option: string | null } | { kind: 'back' } | { kind: 'interrupted' };

/** What a round is played on: a terminal, or lines of JSON. */
export interface Table {
  /** Shows the change and asks what will happen. */
  ask(change: Change, at: number, of: number): Promise<Told>;
  grade(work: () => Promise<Verdict>): Promise<Verdict>;
  /** Shows what the change did when it was graded. */
  tell(change: Change, verdict: Verdict, broken: CheckVerdict | undefined, right: boolean): void;
  end(right: number, of: number): void;
  close(): void;
}
