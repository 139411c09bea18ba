import type { LabResult } from '../workbook/others-results.ts';
import type { Progress } from '../workbook/progress.ts';
import { standing } from '../workbook/status.ts';
import { repeatCommand, type Verdict } from '../workbook/verdict.ts';
import { shownFile, type Workbook } from '../workbook/workbook.ts';

/** What `list --json` prints. */
export function listJson(workbook: Workbook, progress: Progress): object {
  return {
    version: 1,
    days: workbook.days.map(({ id, slug, title, labs }) => ({
      id,
      slug,
      title,
      labs: labs.map((lab) => ({
        id: lab.id,
        slug: lab.slug,
        title: lab.title,
        lane: lab.lane,
        minutes: lab.minutes,
        file: shownFile(lab),
        status: standing(lab, progress).status,
      })),
    })),
  };
}

/** What `check --json` prints. */
export function checkJson(verdicts: readonly Verdict[], workbookVersion: string, node: string): object {
  return { version: 1, labs: verdicts.map(labJson), workbookVersion, node };
}

/** One verdict as data. */
export function labJson(verdict: Verdict): LabResult {
  const { id, subject, status, seed, virtualMs, wallMs, notes } = verdict;
  const again = status === 'passed' ? '' : ` Again: ${repeatCommand(verdict)}`;
  return {
    id,
    subject,
    status,
    ...(verdict.reason && { reason: verdict.reason }),
    message: status === 'passed' ? null : `${verdict.message ?? ''}${again}`.trim(),
    checks: verdict.checks.map(({ name, status, message, expected, actual, help }) => ({
      name,
      status,
      message,
      expected,
      actual,
      help,
    })),
    metrics: verdict.metrics.map(({ name, unit, before, yours, target, limit, better, interval }) => ({
      name,
      unit,
      before,
      yours,
      target,
      limit,
      better,
      ...(interval && { interval }),
    })),
    ...(verdict.data && { data: verdict.data }),
    seed,
    virtualMs,
    wallMs,
    notes: [...notes, ...verdict.charts],
  };
}
