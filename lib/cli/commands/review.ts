import { gradeLab } from '../../grader/grade.ts';
import type { Runner } from '../../grader/runner.ts';
import { metricsTable } from '../../report/metrics-table.ts';
import { diffScreen, mistakeWords } from '../../report/mistake-screen.ts';
import { wrap } from '../../report/text.ts';
import { visible } from '../../report/visible.ts';
import { materialise } from '../../workbook/mistakes.ts';
import { updateProgress } from '../../workbook/progress.ts';
import { answered, soundCards } from '../../workbook/review-cards.ts';
import { type Change, reviewRound } from '../../workbook/review-round.ts';
import { isAttempted } from '../../workbook/starter.ts';
import type { Day } from '../../workbook/workbook.ts';
import { choose, restoreTerminal, withKeysIgnored } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';
import { openRunner } from '../runner.ts';
import { reviewByLines } from './review-json.ts';
import type { Table } from './review-table.ts';

/** A round of code review over a day's labs that were tried: guess what a change breaks, then see it graded. */
export async function review(context: Context, course: Course, day: Day, json: boolean): Promise<ExitCode> {
  const labs = day.labs.filter(isAttempted);
  if (labs.length === 0) {
    const first = day.labs[0]?.id ?? day.id;
    return complain(
      context,
      `A review is of labs that you have tried, and of ${day.id} none is. Begin with ${first}.`,
    );
  }
  if (!json && !(context.stdin.isTTY && context.stdout.isTTY))
    return complain(
      context,
      `A review needs a terminal, and this is not one. Lines of JSON: review ${day.id} --json`,
    );
  const now = new Date();
  const round = reviewRound(labs, soundCards(course.progress.cards, now), now, Math.random);
  if (round.length === 0)
    return complain(context, `The labs of ${day.id} that you have tried have no changes to review.`);
  const runner = openRunner(context);
  runner.warmUp();
  const table = json ? reviewByLines(context) : terminal(context);
  try {
    return await play(context, course, day, round, table, runner);
  } finally {
    table.close();
    runner.close();
  }
}

async function play(
  context: Context,
  course: Course,
  day: Day,
  round: readonly Change[],
  table: Table,
  runner: Runner,
): Promise<ExitCode> {
  let right = 0;
  for (const [at, change] of round.entries()) {
    const told = await table.ask(change, at + 1, round.length);
    if (told.kind === 'interrupted') return 130;
    if (told.kind === 'back') {
      context.stderr.write('The review was left; no score is kept, but what you answered is.\n');
      return 0;
    }
    const { lab, mistake } = change;
    const subject = mistake ? materialise(context.root, lab, mistake) : (change.path ?? '');
    const verdict = await table.grade(() => gradeLab(runner, lab, { ...course, subject, quick: true }));
    if (verdict.workbookFault || verdict.checks.length === 0)
      return complain(context, `The change could not be graded: ${verdict.message}`);
    const broken = verdict.checks.find(({ status }) => status === 'fail' || status === 'error');
    const isRight = told.option === (broken?.name ?? null);
    if (isRight) right += 1;
    table.tell(change, verdict, broken, isRight);
    updateProgress(context.root, (progress) => {
      const at = new Date();
      const card = soundCards(progress.cards, at)[change.key];
      progress.cards = { ...progress.cards, [change.key]: answered(card, isRight, at) };
    });
  }
  updateProgress(context.root, (progress) => {
    const score = { right, of: round.length, at: new Date().toISOString() };
    progress.reviews = { ...progress.reviews, [day.slug]: score };
  });
  table.end(right, round.length);
  return 0;
}

// --- in a terminal -----------------------------------------------------------------------------------------------

const NOTHING = 'Nothing: it keeps all that the task asks for';

function terminal(context: Context): Table {
  const { style } = context;
  context.onStop(() => restoreTerminal(context));
  return {
    async ask(change, at, of) {
      const { id, title } = change.lab;
      say(context, `\n${style.paint('dim', `${at} of ${of}`)}  ${style.paint('bold', `${id} ${title}`)}`);
      say(context, `A colleague changes ${change.file}:\n\n${diffScreen(change.diff, style)}\n`);
      const choices = change.options.map((option) => ({
        label: clipped(option ?? NOTHING, style.width - 4),
        value: option,
      }));
      const answer = await choose(context, 'What breaks in production?', choices);
      return answer.kind === 'chosen' ? { kind: 'chosen', option: answer.value } : answer;
    },
    grade(work) {
      say(context, style.paint('dim', 'Grading the change …'));
      return withKeysIgnored(context, work, () => process.kill(process.pid, 'SIGINT'));
    },
    tell({ mistake, mends }, verdict, broken, right) {
      say(context, style.paint(right ? 'green' : 'red', right ? 'Right.' : 'Not right.'));
      const passes = `It passes every check: ${mends ? 'it puts a mistake right' : 'another right answer'}.`;
      const what = broken ? `It breaks "${broken.name}".` : passes;
      say(context, wrap(what, style.width, '  '));
      if (broken?.message) say(context, wrap(visible(broken.message), style.width, '  '));
      const table = metricsTable(verdict.metrics, style, 'changed');
      if (table.length > 0) say(context, `\n${table.map((line) => `  ${line}`).join('\n')}`);
      const told = mistake ?? mends;
      if (told)
        say(context, `\n${mistakeWords(told, style, mends ? 'What happened before' : 'What happens')}`);
    },
    end(right, of) {
      say(
        context,
        `\n${style.paint('bold', `${right} of ${of} right.`)} What you told wrong comes back soonest.`,
      );
    },
    close() {},
  };
}

/** A choice stays on its line: the list is drawn anew with each key. */
function clipped(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}
