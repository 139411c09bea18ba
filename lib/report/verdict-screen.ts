import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inWords } from '../provider/metrics.ts';
import type { PersonalBest } from '../workbook/scores.ts';
import {
  type CheckStatus,
  type CheckVerdict,
  type Place,
  repeatCommand,
  type Verdict,
} from '../workbook/verdict.ts';
import type { Lab } from '../workbook/workbook.ts';
import { isReached, metricSummary, metricsTable } from './metrics-table.ts';
import type { Colour, Style } from './style.ts';
import { wrap } from './text.ts';
import { timeline } from './timeline.ts';
import { allVisible } from './visible.ts';

/** What is shown of the lab itself. */
export type ShownLab = Pick<Lab, 'title' | 'dir' | 'files' | 'steps'>;

/** What a person reads after a lab was graded. `root` is where shown paths start. */
export function verdictScreen(given: Verdict, lab: ShownLab, root: string, style: Style): string {
  // The code under check writes into its verdict: what it printed, what it threw, what it returned.
  const verdict = allVisible(given, style.colours);
  const lines = [heading(verdict, lab.title, style), ''];
  const notes = verdict.notes.map((note) => wrap(`Note: ${note}`, style.width, '  '));
  // What the compiler found is often why the checks below failed.
  if (verdict.status !== 'passed' && notes.length > 0)
    lines.push(...notes.map((note) => style.paint('yellow', note)), '');
  for (const [at, check] of verdict.checks.entries()) {
    if (check.step !== verdict.checks[at - 1]?.step) lines.push(stepLine(check.step ?? 0, lab, style));
    lines.push(...checkLines(check, at + 1, root, style));
  }
  if (verdict.checks.length > 0) lines.push('');
  const table = metricsTable(verdict.metrics, style, verdict.subject === 'yours' ? 'yours' : 'subject');
  if (table.length > 0) lines.push(...table.map((line) => `  ${line}`), '');
  const drawn = timeline(verdict.plays, verdict.metrics, style);
  if (drawn.length > 0) lines.push(...drawn.map((line) => `  ${line}`), '');
  for (const chart of verdict.charts)
    lines.push(
      ...chart
        .trimEnd()
        .split('\n')
        .map((line) => `  ${line}`),
      '',
    );
  if (verdict.status === 'passed') lines.push(...notes);
  lines.push(...closing(verdict, lab, root, style));
  return lines.join('\n');
}

// --- helpers -----------------------------------------------------------------------------------------------------

const WORDS: Record<CheckStatus, [string, Colour]> = {
  pass: ['pass', 'green'],
  fail: ['fail', 'red'],
  skipped: ['skip', 'dim'],
  error: ['error', 'red'],
};
const INDENT = '            ';

function heading(verdict: Verdict, title: string, style: Style): string {
  const subject = verdict.subject === 'yours' ? '' : ` · ${verdict.subject}`;
  const seed = verdict.seed === 1 ? '' : ` · seed ${verdict.seed}`;
  return `${style.paint('bold', `${verdict.id} ${title}`)}${style.paint('dim', `${subject}${seed}`)}`;
}

function stepLine(step: number, { steps }: ShownLab, style: Style): string {
  return style.paint('bold', `  Step ${step} of ${steps.length}: ${steps[step - 1] ?? ''}`);
}

/** The task refers to its checks by these numbers: [2]. */
function checkLines(check: CheckVerdict, number: number, root: string, style: Style): string[] {
  const [word, colour] = WORDS[check.status];
  const name = wrap(check.name, style.width, INDENT).trimStart();
  const lines = [
    `  ${style.paint(colour, word.padEnd(5))} ${style.paint('dim', String(number).padStart(2))}  ${name}`,
  ];
  const say = (text: string, colour?: Colour) =>
    lines.push(
      ...wrap(text, style.width, INDENT)
        .split('\n')
        .map((line) => (colour ? style.paint(colour, line) : line)),
    );
  if (check.status === 'skipped' && check.message) say(check.message, 'dim');
  if (check.status === 'fail' || check.status === 'error') {
    if (check.message) say(check.message);
    if (check.expected) say(`Expected: ${check.expected}`);
    if (check.actual && !check.message?.includes(check.actual)) say(`Measured: ${check.actual}`);
    if (check.help) say(`Hint:     ${check.help}`, 'yellow');
    if (check.place) lines.push(INDENT + shownPlace(check.place, root, style));
  }
  if (check.output.trim() !== '') {
    lines.push(`${INDENT}${style.paint('dim', 'It printed:')}`);
    lines.push(...shortened(check.output).map((line) => `${INDENT}${style.paint('dim', `| ${line}`)}`));
  }
  return lines;
}

const SHOWN_OUTPUT_LINES = 12;

function shortened(output: string): string[] {
  const lines = output.trimEnd().split('\n');
  if (lines.length <= SHOWN_OUTPUT_LINES) return lines;
  const hidden = lines.length - SHOWN_OUTPUT_LINES;
  return [...lines.slice(0, SHOWN_OUTPUT_LINES), `(${hidden} more lines are not shown)`];
}

function closing(verdict: Verdict, lab: ShownLab, root: string, style: Style): string[] {
  const lines: string[] = [];
  if (verdict.status === 'passed') {
    const [main] = verdict.metrics;
    lines.push(style.paint('green', main ? `Passed: ${metricSummary(main)}.` : 'Passed.'));
    if (verdict.personalBest) lines.push(scoreLine(verdict.personalBest));
    return lines;
  }
  const word = verdict.status === 'failed' ? 'Not passed' : 'Could not be graded';
  const reason = verdict.message ?? 'no reason was given.';
  lines.push(style.paint('red', wrap(`${word}: ${withFigure(reason, verdict)}`, style.width)));
  const place = verdict.place ?? startOf(lab, verdict);
  if (place) lines.push(`Look at: ${shownPlace(place, root, style)}`);
  lines.push(`Again: ${style.paint('cyan', repeatCommand(verdict))}`);
  return lines;
}

/** "Score 71, your best 74, reference 80, limit 100." */
export function scoreLine({ score, best, reference, limit }: PersonalBest): string {
  const [own, most, theirs, bound] = [score, best, reference, limit].map(pointWords);
  return `Score ${own}, your best ${most}, reference ${theirs}, limit ${bound}.`;
}

export function pointWords(points: number): string {
  return inWords(Math.round(points * 10) / 10, 'count');
}

/** The learner's file, where no line of it is known to be the cause. */
function startOf({ dir, files }: ShownLab, verdict: Verdict): Place | undefined {
  const [first] = files;
  const { subject, checks, workbookFault } = verdict;
  if (first === undefined || subject !== 'yours' || workbookFault) return undefined;
  if (checks.some((check) => check.place)) return undefined;
  return { file: join(dir, first), line: 1 };
}

/** "1 of 3 checks failed; makespan 54.44 s (target 3.52 s, limit 2.94 s)." */
function withFigure(reason: string, { status, metrics }: Verdict): string {
  const missed = status === 'failed' ? metrics.find((metric) => !isReached(metric)) : undefined;
  return missed ? `${reason.replace(/\.$/, '')}; ${metricSummary(missed)}.` : reason;
}

/** "days/…/fan-out.ts:12", as a link where the terminal can open one. */
export function shownPlace(place: Place, root: string, style: Style): string {
  const inside = relative(root, place.file).replaceAll('\\', '/');
  const text = `${inside.startsWith('..') ? place.file : inside}:${place.line}`;
  if (!style.links) return style.paint('cyan', text);
  return `\u001b]8;;${pathToFileURL(place.file).href}\u001b\\${style.paint('cyan', text)}\u001b]8;;\u001b\\`;
}
