import type { CallSpan } from '../check/session.ts';
import { inWords } from '../provider/metrics.ts';
import { mainPlay } from '../workbook/play-figures.ts';
import type { RunRecord } from '../workbook/runs.ts';

export interface Alert {
  /** Id of the record that raised it. */
  record: string;
  at: string;
  lab: string;
  /** `yours`, or the name of a file. */
  subject: string;
  level: 'problem' | 'warning';
  text: string;
}

/** A figure may get worse by this share before it is worth a word. */
const WORSE_BY = 0.1;
const MOST_429 = 0.05;
const MOST_UNANSWERED = 0.1;
const MOST_ALERTS = 50;

/** What in the attempts deserves attention, newest first. The naive version and the solution raise none. */
export function alertsOf(records: readonly RunRecord[]): Alert[] {
  const last = new Map<string, RunRecord>();
  const alerts: Alert[] = [];
  for (const record of records) {
    if (record.subject === 'before' || record.subject === 'solution') continue;
    const key = `${record.lab} ${record.subject} ${record.seed} ${record.command === 'run'}`;
    for (const [level, text] of [
      ...outcome(record, last.get(key)),
      ...worse(record, last.get(key)),
      ...traffic(record, last.get(key)),
    ]) {
      const subject = record.subject.split(/[\\/]/).at(-1) ?? '';
      alerts.push({ record: record.id, at: record.at, lab: record.lab, subject, level, text });
    }
    last.set(key, record);
  }
  return alerts.reverse().slice(0, MOST_ALERTS);
}

// --- helpers -----------------------------------------------------------------------------------------------------

type Said = [Alert['level'], string];

function outcome({ status, message, command }: RunRecord, before: RunRecord | undefined): Said[] {
  if (status === 'error') {
    const failed = command === 'run' ? 'the run ended with an error' : 'it could not be graded';
    return [['problem', message ? `${failed}: ${message}` : `${failed}.`]];
  }
  if (status === 'failed' && before?.status === 'passed')
    return [['problem', 'it passed before and fails now.']];
  return [];
}

function worse({ metrics }: RunRecord, before: RunRecord | undefined): Said[] {
  return metrics.flatMap(({ name, unit, better, yours }): Said[] => {
    const was = before?.metrics.find((metric) => metric.name === name)?.yours;
    if (was === undefined || was === 0) return [];
    const share = ((yours - was) / Math.abs(was)) * (better === 'lower' ? 1 : -1);
    if (share <= WORSE_BY) return [];
    return [
      [
        'warning',
        `${name} went from ${inWords(was, unit)} to ${inWords(yours, unit)}, ${inWords(share, 'share')} worse.`,
      ],
    ];
  });
}

/** Raised when a share comes to exceed its bound, not again while it stays there. */
function traffic(record: RunRecord, before: RunRecord | undefined): Said[] {
  const [now, was] = [shares(record), before && shares(before)];
  const alerts: Said[] = [];
  if (now.refused > MOST_429 && !(was && was.refused > MOST_429))
    alerts.push(['warning', `${inWords(now.refused, 'share')} of the calls were refused with 429.`]);
  if (now.lost > MOST_UNANSWERED && !(was && was.lost > MOST_UNANSWERED))
    alerts.push(['warning', `${inWords(now.lost, 'share')} of the calls ended without an answer.`]);
  return alerts;
}

function shares({ plays }: RunRecord): { refused: number; lost: number } {
  const { calls = [], totals } = mainPlay(plays) ?? {};
  const { answered, limited } = totals ?? {};
  if (totals && answered !== undefined && limited !== undefined)
    return {
      refused: limited / Math.max(1, totals.calls),
      lost: (totals.calls - answered - limited) / Math.max(1, totals.calls),
    };
  const share = (is: (call: CallSpan) => boolean) => calls.filter(is).length / Math.max(1, calls.length);
  return {
    refused: share(({ status }) => status === 429),
    lost: share(({ status, outcome }) => outcome !== 'answered' && status !== 429),
  };
}
