import type { OthersRow } from '../workbook/others-results.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

/** One row for each workbook: how many labs passed, and which did not. */
export function othersTable(rows: readonly OthersRow[], style: Style): string {
  return columns(rows.map((row) => cells(row, style))).join('\n');
}

/** "ada  2 of 3 passed  failed: day1.2". */
export function othersLine(row: OthersRow, style: Style): string {
  return cells(row, style).join('  ').trimEnd();
}

/** "about 12 min left", from what was done so far. */
export function timeLeft(done: number, count: number, elapsedMs: number): string {
  const seconds = ((count - done) * elapsedMs) / Math.max(1, done) / 1000;
  return seconds < 90 ? `about ${Math.ceil(seconds)} s left` : `about ${Math.round(seconds / 60)} min left`;
}

function cells({ dir, labs }: OthersRow, style: Style): string[] {
  const idsWith = (status: string) => labs.filter((lab) => lab.status === status).map((lab) => lab.id);
  const passed = idsWith('passed').length;
  const failed = idsWith('failed');
  const errors = idsWith('error');
  const rest = [
    ...(failed.length > 0 ? [`failed: ${failed.join(', ')}`] : []),
    ...(errors.length > 0 ? [`could not be graded: ${errors.join(', ')}`] : []),
  ];
  const colour = passed === labs.length ? 'green' : 'red';
  return [dir, style.paint(colour, `${passed} of ${labs.length} passed`), rest.join('; ')];
}
