import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Day } from '../../lib/workbook/workbook.ts';

/** A row of a task's table, in words. */
export interface PrintedRow {
  before: string;
  reference: string;
  target: string;
  limit: string;
}

/**
 * What a task prints for one of its figures. The proof of its day holds these tables to what is measured, so a lesson
 * that quotes them needs no second measurement.
 */
export function printedRow(day: Day, slug: string, metric: string): PrintedRow {
  const task = readFileSync(join(day.dir, slug, 'README.md'), 'utf8');
  const row = task.split('\n').find((line) => line.startsWith(`| ${metric} | `));
  const [before, reference, target, limit] =
    row
      ?.split('|')
      .map((cell) => cell.trim())
      .slice(2) ?? [];
  if (!before || !reference || !target || !limit)
    throw new Error(`The task of ${slug} prints no row for "${metric}".`);
  return { before, reference, target, limit };
}

/** How long the fast lane of a day takes, as its lesson says it. */
export function fastLane({ labs }: Day): Record<string, string> {
  const fast = labs.filter(({ lane }) => lane === 'fast');
  return { 'the fast lane': `about ${fast.reduce((sum, { minutes }) => sum + minutes, 0)} minutes` };
}
