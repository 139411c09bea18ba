import type { Progress } from '../workbook/progress.ts';
import { type Standing, standing } from '../workbook/status.ts';
import type { Day, Lab, Workbook } from '../workbook/workbook.ts';
import type { Colour, Style } from './style.ts';
import { columns, wrap } from './text.ts';

/** Days and labs with lane, minutes and status. */
export function listScreen(workbook: Workbook, progress: Progress, style: Style): string {
  if (workbook.days.length === 0) return 'This workbook has no days yet.';
  return workbook.days.map((day) => dayBlock(day, progress, style)).join('\n\n');
}

/** Said when no lab is left. */
export function allPassed(workbook: Workbook): string {
  const days = workbook.days.map((day) => day.id).join(' ');
  const count = workbook.days.flatMap((day) => day.labs).length;
  return `All ${count} labs are passed. To grade them all once more: npm run lab -- check ${days}`;
}

/** "3 of 7 passed, about 55 minutes left". */
export function daySummary(day: Day, progress: Progress): string {
  const left = day.labs.filter((lab) => standing(lab, progress).status !== 'passed');
  const done = day.labs.length - left.length;
  const minutes = left.reduce((sum, lab) => sum + lab.minutes, 0);
  return `${done} of ${day.labs.length} passed${minutes > 0 ? `, about ${minutes} minutes left` : ''}`;
}

/** The status of a lab in words. */
export function statusWord({ status, editedSince, passedBefore, earlierEdition, steps }: Standing): string {
  if (passedBefore) return 'passed before, failing now';
  if (earlierEdition && !editedSince) return 'passed in an earlier edition';
  if (steps) return `step ${steps.done} of ${steps.of} done`;
  return editedSince ? 'passed, edited since' : status;
}

// --- helpers -----------------------------------------------------------------------------------------------------

const COLOURS: Record<Standing['status'], Colour> = { passed: 'green', failing: 'red', todo: 'dim' };

function dayBlock(day: Day, progress: Progress, style: Style): string {
  const head = `${style.paint('bold', `${day.id} ${day.title}`)}  ${style.paint('dim', daySummary(day, progress))}`;
  const rows = day.labs.map((lab) => labRow(lab, progress, style));
  const table = columns(rows, [false, false, false, true]);
  return [wrap(head, style.width), ...table.map((line) => `  ${line}`)].join('\n');
}

function labRow(lab: Lab, progress: Progress, style: Style): string[] {
  const where = standing(lab, progress);
  const cells = [
    lab.id,
    // Where a row would not fit, the part of the title before its colon has to do.
    style.width < 100 ? shortTitle(lab) : lab.title,
    lab.lane,
    `${lab.minutes} min`,
    style.paint(COLOURS[where.status], statusWord(where)),
  ];
  return style.width < 60 ? [lab.id, shortTitle(lab), '', '', cells[4] ?? ''] : cells;
}

/** The title up to its colon. */
export function shortTitle({ title }: Pick<Lab, 'title'>): string {
  return title.split(':')[0] ?? title;
}
