import { inWords } from '../provider/metrics.ts';
import type { Week, WeekDay } from '../workbook/week.ts';
import type { Ablation } from '../workbook/week-ablation.ts';
import type { WeekLab } from '../workbook/week-lab.ts';
import { REFLECTION_FILE } from '../workbook/week-reflection.ts';
import { shortTitle, statusWord } from './list-screen.ts';
import type { Style } from './style.ts';
import { columns, widthOf, wrap } from './text.ts';
import { scoreLine } from './verdict-screen.ts';
import {
  ablationTable,
  gateWords,
  hintWords,
  multiplySentence,
  performanceRows,
  type ResultRow,
  resultRows,
  solutionWords,
} from './week-words.ts';

/** The week as a person reads it in a terminal. */
export function weekScreen(week: Week, style: Style): string {
  const { workbookVersion, capstone } = week;
  const seed = capstone ? `, seed ${capstone.seed}` : '';
  return [
    style.paint('bold', `Your week (workbook ${workbookVersion}${seed})`),
    ...capstoneParts(week, style),
    part('Labs', [...labLines(week.days, style), ...helpLines(week.days, style)], style),
    part('Quizzes', quizLines(week.days), style),
    part('Reviews', reviewLines(week.days), style),
    part('What the week leaves behind', deliverableLines(week, style), style),
    part('Looking back', reflectionLines(week, style), style),
    part('Certificate', certificateLines(week, style), style),
    style.paint('dim', 'As a page with charts: npm run lab -- report --html'),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

// --- the capstone ------------------------------------------------------------------------------------------------

function capstoneParts(week: Week, style: Style): string[] {
  const { capstone, next, recommendations, personalBest } = week;
  if (!capstone) return [part('Results', wrapped(`None yet. ${next ?? ''}`, style), style)];
  const gates = capstone.gates.map(({ gate, value, target, unit, passed }) => [
    style.paint(passed ? 'green' : 'red', passed ? 'pass' : 'fail'),
    gate,
    gateWords(value, unit),
    gateWords(target, unit),
  ]);
  const advice = (recommendations ?? []).flatMap(({ advice, reason }, at) =>
    hanging(`${at + 1}. `, `${advice}. ${reason}`, style),
  );
  return [
    part('Results', resultLines(resultRows(capstone)), style),
    part('Performance', resultLines(performanceRows(capstone)), style),
    part('Gates', table(['', 'gate', 'measured', 'target'], gates, [false, false, true, true], style), style),
    part('What each optimisation brought', ablationLines(capstone.ablation, style), style),
    part('', capstone.ablation ? wrapped(multiplySentence(capstone), style) : [], style),
    part('Personal best', personalBest ? [`  ${scoreLine(personalBest)}`] : [], style),
    part('Recommendations', advice, style),
  ];
}

function resultLines(rows: readonly ResultRow[]): string[] {
  const cells = rows.map(({ name, words, interval }) => [name, words, interval && `95 %: ${interval}`]);
  return columns(cells, [false, true]).map((line) => `  ${line}`);
}

function ablationLines(ablation: Ablation | null, style: Style): string[] {
  if (!ablation) return [];
  const { head, rows } = ablationTable(ablation);
  return table(head, rows, [false, ...head.slice(1).map(() => true)], style);
}

// --- the week ----------------------------------------------------------------------------------------------------

/** All labs in the same columns, under the titles of their days. Their names get the room that is left. */
function labLines(days: readonly WeekDay[], style: Style): string[] {
  const labs = days.flatMap((day) => day.labs);
  const rest = Math.max(0, ...columns(labs.map((lab) => labRow(lab, []))).map(widthOf));
  const room = style.width - INDENT.length - rest - 2;
  const names = room < SHORTEST_NAME ? [] : labs.map((lab) => cut(shortTitle(lab), room));
  const rows = columns(labs.map((lab, at) => labRow(lab, names.slice(at, at + 1))));
  return days.flatMap(({ title, labs: own }) => {
    const passed = own.filter(({ status }) => status === 'passed').length;
    const lines = rows.splice(0, own.length).map((line) => INDENT + line);
    return [`  ${title}, ${passed} of ${own.length} passed`, ...lines];
  });
}

const INDENT = '    ';
const SHORTEST_NAME = 10;

function labRow(lab: WeekLab, name: readonly string[]): string[] {
  return [lab.id, ...name, statusWord(lab), mainFigure(lab)];
}

/** Who took help where; nothing is said of those who took none. */
function helpLines(days: readonly WeekDay[], style: Style): string[] {
  const labs = days.flatMap((day) => day.labs);
  const hints = labs.filter((lab) => lab.hints.seen > 0).map((lab) => `${lab.id} (${hintWords(lab)})`);
  const solutions = labs
    .filter(({ solution }) => solution)
    .map((lab) => `${lab.id} (${solutionWords(lab).replace('opened ', '')})`);
  return [
    ...(hints.length > 0 ? wrapped(`Hints read: ${hints.join(', ')}.`, style) : []),
    ...(solutions.length > 0 ? wrapped(`Solutions opened: ${solutions.join(', ')}.`, style) : []),
  ];
}

function cut(text: string, most: number): string {
  return widthOf(text) <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** The first figure of a lab that has moved: "54.44 s → 2.94 s". */
function mainFigure({ measured }: WeekLab): string {
  const metrics = measured?.metrics ?? [];
  const main = metrics.find(({ before, yours }) => before !== null && before !== yours) ?? metrics[0];
  if (!main) return '';
  const before = main.before === null ? '' : `${inWords(main.before, main.unit)} → `;
  return `${before}${inWords(main.yours, main.unit)}`;
}

function quizLines(days: readonly WeekDay[]): string[] {
  const rows = days.flatMap(({ id, title, quiz }) => {
    if (!quiz) return [];
    const score =
      quiz.right === null ? `not taken: npm run lab -- quiz ${id}` : `${quiz.right} of ${quiz.of} right`;
    return [[title, score]];
  });
  return columns(rows).map((line) => `  ${line}`);
}

function reviewLines(days: readonly WeekDay[]): string[] {
  const rows = days.flatMap(({ title, review }) =>
    review ? [[title, `${review.right} of ${review.of} right in the last round`]] : [],
  );
  return columns(rows).map((line) => `  ${line}`);
}

function deliverableLines({ deliverables }: Week, style: Style): string[] {
  return deliverables.flatMap(({ what, done, where }) => {
    const mark = style.paint(done ? 'green' : 'dim', done ? 'done' : 'open');
    return hanging(`${mark}  `, `${what}: ${where}`, style);
  });
}

function reflectionLines({ reflection }: Week, style: Style): string[] {
  const lines = reflection.flatMap(({ question, answer }) => [
    ...hanging('- ', question, style),
    ...(answer === '' ? [] : answer.split('\n').map((line) => wrap(line, style.width, '      '))),
  ]);
  return [...lines, ...wrapped(`Write your answers in ${REFLECTION_FILE}; this report shows them.`, style)];
}

function certificateLines({ certificate }: Week, style: Style): string[] {
  if (certificate.earned)
    return wrapped(
      'Earned. To print it: npm run lab -- report --certificate certificate.html --name "Your Name"',
      style,
    );
  const { missing, of } = certificate;
  const ids = missing.map(({ id }) => id).join(', ');
  return wrapped(
    `${of - missing.length} of the ${of} labs that it asks for have passed. Missing: ${ids || 'the capstone'}.`,
    style,
  );
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Empty where there is nothing under the title. */
function part(title: string, lines: readonly string[], style: Style): string {
  if (lines.length === 0) return '';
  return [...(title === '' ? [] : [style.paint('bold', title)]), ...lines].join('\n');
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly boolean[],
  style: Style,
): string[] {
  if (rows.length === 0) return [];
  return columns([head.map((title) => style.paint('dim', title)), ...rows], right).map((line) => `  ${line}`);
}

function wrapped(text: string, style: Style): string[] {
  return [wrap(text, style.width, '  ')];
}

function hanging(mark: string, text: string, style: Style): string[] {
  const indent = ' '.repeat(2 + widthOf(mark));
  return [`  ${mark}${wrap(text, style.width, indent).slice(indent.length)}`];
}
