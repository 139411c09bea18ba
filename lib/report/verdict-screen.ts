import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type CheckStatus,
  type CheckVerdict,
  type Place,
  repeatCommand,
  type Verdict,
} from '../workbook/verdict.ts';
import { isReached, metricSummary, metricsTable } from './metrics-table.ts';
import type { Colour, Style } from './style.ts';
import { wrap } from './text.ts';
import { timeline } from './timeline.ts';

/** What a person reads after a lab was graded. `root` is where shown paths start. */
export function verdictScreen(verdict: Verdict, title: string, root: string, style: Style): string {
  const lines = [heading(verdict, title, style), ''];
  for (const check of verdict.checks) lines.push(...checkLines(check, root, style));
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
  lines.push(...closing(verdict, root, style));
  return lines.join('\n');
}

// --- helpers -----------------------------------------------------------------------------------------------------

const WORDS: Record<CheckStatus, [string, Colour]> = {
  pass: ['pass', 'green'],
  fail: ['fail', 'red'],
  skipped: ['skip', 'dim'],
  error: ['error', 'red'],
};
const INDENT = '         ';

function heading(verdict: Verdict, title: string, style: Style): string {
  const subject = verdict.subject === 'yours' ? '' : ` · ${verdict.subject}`;
  const seed = verdict.seed === 1 ? '' : ` · seed ${verdict.seed}`;
  return `${style.paint('bold', `${verdict.id} ${title}`)}${style.paint('dim', `${subject}${seed}`)}`;
}

function checkLines(check: CheckVerdict, root: string, style: Style): string[] {
  const [word, colour] = WORDS[check.status];
  const lines = [`  ${style.paint(colour, word.padEnd(5))}  ${check.name}`];
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
    if (check.help) say(`Help:     ${check.help}`, 'yellow');
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

function closing(verdict: Verdict, root: string, style: Style): string[] {
  const lines: string[] = [];
  for (const note of verdict.notes) lines.push(wrap(`Note: ${note}`, style.width, '  '));
  if (verdict.status === 'passed') {
    const [main] = verdict.metrics;
    lines.push(style.paint('green', main ? `Passed: ${metricSummary(main)}.` : 'Passed.'));
    return lines;
  }
  const word = verdict.status === 'failed' ? 'Not passed' : 'Could not be graded';
  const reason = verdict.message ?? 'no reason was given.';
  lines.push(style.paint('red', wrap(`${word}: ${withFigure(reason, verdict)}`, style.width)));
  if (verdict.place) lines.push(shownPlace(verdict.place, root, style));
  lines.push(`Again: ${style.paint('cyan', repeatCommand(verdict))}`);
  return lines;
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
