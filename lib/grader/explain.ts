import { basename } from 'node:path';
import type { CheckVerdict, Place, Verdict } from '../workbook/verdict.ts';
import type { EndedCheck, ThrownError } from './protocol.ts';
import type { RunEnd, RunResult } from './watch-over.ts';

/** What a verdict says of a run as a whole. */
export type Outcome = Pick<Verdict, 'status' | 'reason' | 'message' | 'workbookFault' | 'place' | 'checks'>;

/** Turns the end of a run into what the learner reads. */
export function explain(run: RunResult, subjectFiles: readonly string[]): Outcome {
  const { end } = run;
  const name = basename(subjectFiles[0] ?? 'the file');
  switch (end.how) {
    case 'refused':
      return { ...ungraded(end.message), place: end.place ?? null };
    case 'broken':
      return brokenGrader(end.message);
    case 'killed':
      if (run.incidents[0]?.kind === 'tampered') return tampered(name, run.incidents[0].text);
      return explainKill(end, run, name);
    case 'done':
      return explainDone(end, run, name, subjectFiles);
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

function ungraded(message: string): Outcome {
  return { status: 'error', message, place: null, checks: [] };
}

/** The answer reached for its own judgement, so there is none. */
export function tampered(name: string, did: string, checks: CheckVerdict[] = []): Outcome {
  const message = `There is no verdict: ${name} ${did}. What is judged may not touch what judges.`;
  return { status: 'error', reason: 'tampered', message, place: null, checks };
}

function brokenGrader(said: string): Outcome {
  const message = `The grader itself failed; this is not your code's fault. It said: ${said}`;
  return { ...ungraded(message), workbookFault: true };
}

/** By how the reason begins. What waits for timers and calls without an end is stopped by the clock, which tells more. */
const ADVICE = [
  ['no end, and nothing computed', 'Look for a promise that never settles.'],
  [
    'no end',
    'It never waited for a timer or a call: look for a loop without an end, or one that only awaits what is there already.',
  ],
] as const;

function explainKill(end: Extract<RunEnd, { how: 'killed' }>, run: RunResult, name: string): Outcome {
  const where = end.running ? `during the check "${end.running}"` : 'before its first check';
  const advice =
    ADVICE.find(([begins]) => end.why.startsWith(begins))?.[1] ??
    'It was stopped, with everything it had started.';
  const checks = end.checks.map((check) => checkVerdict(check, run));
  if (end.running) {
    checks.push({
      ...blank(end.running),
      status: 'error',
      message: `Stopped: ${end.why}.`,
      output: outputOf(run, end.running),
    });
  }
  return {
    status: 'error',
    message: `${name} was stopped ${where}: ${end.why}. ${advice}`,
    place: null,
    checks,
  };
}

function explainDone(
  end: Extract<RunEnd, { how: 'done' }>,
  run: RunResult,
  name: string,
  subjectFiles: readonly string[],
): Outcome {
  const checks = end.checks.map((check) => checkVerdict(check, run));
  const [incident] = run.incidents;
  const [loading] = end.loadErrors;
  const [unhandled] = end.unhandled;
  if (incident?.kind === 'tampered') return tampered(name, incident.text, checks);
  if (end.declared.join('\n') !== checks.map((check) => check.name).join('\n') && checks.length > 0)
    return tampered(name, 'changed which checks there are', checks);
  if (incident?.kind === 'exit') return { status: 'error', message: incident.text, place: null, checks };
  if (incident) return { status: 'failed', message: incident.text, place: placeOf(end.checks), checks };
  if (loading) return explainLoading(loading, subjectFiles, checks);
  if (checks.length === 0)
    return { ...ungraded('The lab has no checks, so nothing was graded.'), workbookFault: true };
  if (unhandled) return { ...explainUnhandled(unhandled, name), checks };
  const failed = checks.filter((check) => check.status === 'fail' || check.status === 'error').length;
  const passed = checks.filter((check) => check.status === 'pass').length;
  if (failed === 0 && passed === checks.length)
    return { status: 'passed', message: null, place: null, checks };
  if (failed === 0) return ungraded(`Only ${passed} of ${checks.length} checks ran, so there is no verdict.`);
  const skipped = checks.length - failed - passed;
  const score = `${failed} of ${checks.length} checks failed${skipped > 0 ? `, ${skipped} could not be judged` : ''}.`;
  return { status: 'failed', message: score, place: null, checks };
}

/** A file that cannot be loaded is the learner's when the error comes from it or names it; else it is ours. */
function explainLoading(
  error: ThrownError,
  subjectFiles: readonly string[],
  checks: CheckVerdict[],
): Outcome {
  const name = basename(subjectFiles[0] ?? '');
  if (error.name === 'TamperError') return tampered(name, error.message.replace(`${name} `, ''), checks);
  const theirs =
    error.place ?? subjectFiles.some((file) => error.message.includes(file.replaceAll('\\', '/')));
  if (!theirs) return { ...brokenGrader(said(error)), checks };
  const locked = /^Cannot (assign to read only|define|redefine|add|delete) property/.test(error.message);
  const note = locked ? ' The built-ins of the language are locked while an answer is graded.' : '';
  const message = `${name} could not be loaded: ${said(error)}${note}`;
  return { status: 'error', message, place: error.place ?? null, checks };
}

/** An out-of-memory worker and a rejection nobody handles both reach vitest outside of any check. */
function explainUnhandled(error: ThrownError, name: string): Omit<Outcome, 'checks'> {
  if (/out of memory|memory limit/i.test(error.message)) {
    return {
      status: 'error',
      message: `${name} was stopped: it used more memory than a lab may.`,
      place: null,
    };
  }
  const place = error.place ?? null;
  const message = `${name} left an error that nobody handles: ${said(error)} Await every promise, or catch it.`;
  return { status: 'failed', message, place };
}

function checkVerdict(check: EndedCheck, run: RunResult): CheckVerdict {
  const base = {
    ...blank(check.title),
    ...(check.report?.step !== undefined && { step: check.report.step }),
    place: check.error?.place ?? null,
    output: outputOf(run, check.title),
  };
  const { report, error, state } = check;
  if (state === 'passed') return { ...base, status: 'pass', place: null };
  if (state !== 'failed')
    return { ...base, status: 'skipped', message: report?.skipped ?? 'It did not run.' };
  if (!report?.finding) return { ...base, status: 'fail', message: error ? said(error) : 'It failed.' };
  const { happened, expected, actual = null, help = null } = report.finding;
  return { ...base, status: 'fail', message: sentence(happened), expected, actual, help };
}

function blank(name: string): CheckVerdict {
  return {
    name,
    status: 'pass',
    message: null,
    expected: null,
    actual: null,
    help: null,
    place: null,
    output: '',
  };
}

function outputOf(run: RunResult, title: string): string {
  const kept = run.output.get(title);
  if (!kept) return '';
  return kept.cut ? `${kept.text.trimEnd()}\n(the rest of the output was cut)` : kept.text;
}

function placeOf(checks: EndedCheck[]): Place | null {
  return checks.find((check) => check.error?.place)?.error?.place ?? null;
}

function said({ name, message }: ThrownError): string {
  return sentence(message.startsWith(name) ? message : `${name}: ${message}`);
}

/**
 * A text that begins with a name of the code: one with a capital, digit or sign in it, the subject of a call, or a
 * plural that "was" something ("calls was 3").
 */
const NAME_FIRST =
  /^(\S*[^\sa-z,:;'-]|(?!(?:it|this|nothing|nobody|everything)\b)[a-z]+ (?:returned|resolved|rejected|threw|yielded)\b|(?!this\b)[a-z]+s was\b)/;

function sentence(text: string): string {
  const trimmed = text.trim();
  const capital = NAME_FIRST.test(trimmed) ? trimmed : trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.?!]$/.test(capital) ? capital : `${capital}.`;
}
