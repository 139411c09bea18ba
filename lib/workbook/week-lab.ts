import type { Metric } from '../check/session.ts';
import type { Standing } from './status.ts';
import type { Lane } from './workbook.ts';

/** How one lab of the week stands. */
export interface WeekLab extends Standing {
  id: string;
  key: string;
  title: string;
  lane: Lane;
  attempts: number;
  hints: { seen: number; of: number };
  /** When the solution was shown, and whether that was before an attempt. Null where it was not. */
  solution: { at: string; forced: boolean } | null;
  /** The figures of the last pass; before one, of the last try. Null where none were taken. */
  measured: { at: string; seed: number; passed: boolean; metrics: Metric[] } | null;
}
