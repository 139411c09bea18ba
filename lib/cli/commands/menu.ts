import { allPassed, daySummary, shortTitle, statusWord } from '../../report/list-screen.ts';
import { findDay, findLab } from '../../workbook/find.ts';
import { nextLab, standing } from '../../workbook/status.ts';
import type { Day, Lab } from '../../workbook/workbook.ts';
import { type Choice, choose, restoreTerminal } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain, openCourse } from '../course.ts';
import { labMenu } from './lab-menu.ts';
import { list } from './list.ts';
import { quiz } from './quiz.ts';
import { report } from './report.ts';
import { review } from './review.ts';

/** The interactive menu, opened at the next lab, or at the day or lab that is named. */
export async function menu(context: Context, course: Course, word: string | undefined): Promise<ExitCode> {
  const next = nextLab(course.workbook, course.progress);
  const start = startOf(course, word, next);
  if ('problem' in start) return complain(context, start.problem);
  if (!context.stdin.isTTY || !context.stdout.isTTY) return withoutTerminal(context, course, next);
  context.onStop(() => restoreTerminal(context));
  if (next && standing(next, course.progress).status === 'passed')
    say(context, `${allPassed(course.workbook)}\n`);
  const ended = await dayLoop(context, start.day, start.lab);
  say(context, ended === 130 ? '' : 'Until next time. `npm run lab` takes you back here.');
  return ended;
}

type Start = { day: Day | undefined; lab: Lab | undefined } | { problem: string };

function startOf({ workbook }: Course, word: string | undefined, next: Lab | undefined): Start {
  const dayOf = (lab: Lab | undefined) => workbook.days.find((each) => each.id === lab?.dayId);
  if (word === undefined) return { day: dayOf(next), lab: next };
  const day = findDay(workbook, word);
  if (day.ok) return { day: day.found, lab: next };
  const lab = findLab(workbook, word);
  if (lab.ok) return { day: dayOf(lab.found), lab: lab.found };
  return { problem: `${lab.problem} \`npm run lab -- help\` lists the commands.` };
}

// --- without a terminal ------------------------------------------------------------------------------------------

/** The menu needs keys and a screen. Where there are none, it names the commands instead. */
function withoutTerminal(context: Context, course: Course, next: Lab | undefined): ExitCode {
  list(context, course, false);
  const id = next?.id ?? 'day1.1';
  say(context, '\nThe menu needs a terminal, and this is not one. The commands to type instead:');
  for (const words of [
    `check ${id}`,
    `hint ${id}`,
    `compare ${id}`,
    `solution ${id}`,
    `reset ${id}`,
    'list',
    'help',
  ]) {
    say(context, `  npm run lab -- ${words}`);
  }
  return 0;
}

// --- days and labs -----------------------------------------------------------------------------------------------

type Ended = 0 | 130;
type DayStep =
  | { go: 'lab'; lab: Lab }
  | { go: 'quiz' }
  | { go: 'review' }
  | { go: 'week' }
  | { go: 'days' }
  | { go: 'quit' };

async function dayLoop(context: Context, start: Day | undefined, next: Lab | undefined): Promise<Ended> {
  let day = start;
  let at = next;
  for (;;) {
    const course = openCourse(context);
    if (!day) {
      const answer = await chooseDay(context, course);
      if (answer.kind !== 'chosen') return answer.kind === 'back' ? 0 : 130;
      if (answer.value === 'week') {
        await report(context, course, { json: false });
        continue;
      }
      day = answer.value;
    }
    const current: Day = course.workbook.days.find((each) => each.slug === day?.slug) ?? day;
    const answer = await chooseLab(context, course, current, at);
    if (answer.kind === 'interrupted') return 130;
    if (answer.kind === 'back' || answer.value.go === 'days') {
      day = undefined;
      continue;
    }
    if (answer.value.go === 'quit') return 0;
    if (answer.value.go === 'week') {
      await report(context, course, { json: false });
      continue;
    }
    if (answer.value.go === 'review') {
      if ((await review(context, course, current, false)) === 130) return 130;
      continue;
    }
    if (answer.value.go === 'quiz') {
      if ((await quiz(context, current)) === 130) return 130;
      continue;
    }
    const left = await labMenu(context, answer.value.lab);
    if (left.ended !== undefined) return left.ended;
    at = left.at;
    day = course.workbook.days.find((each) => each.id === at?.dayId) ?? day;
  }
}

function chooseDay(context: Context, { workbook, progress }: Course) {
  const days: Choice<Day | 'week'>[] = workbook.days.map((day) => ({
    label: `${day.id}  ${day.title}`,
    value: day,
    hint: daySummary(day, progress),
  }));
  const choices: Choice<Day | 'week'>[] = [...days, { label: YOUR_WEEK, value: 'week', hint: WEEK_HINT }];
  return choose(context, 'Which day? (Esc quits)', choices);
}

const YOUR_WEEK = 'Your week';
const WEEK_HINT = 'the report: figures, labs, quizzes, looking back';

function chooseLab(context: Context, { workbook, progress }: Course, day: Day, at: Lab | undefined) {
  const labs: Choice<DayStep>[] = day.labs.map((lab) => ({
    label: `${lab.id}  ${context.style.width < 100 ? shortTitle(lab) : lab.title}`,
    value: { go: 'lab', lab },
    hint: `${lab.lane}, ${lab.minutes} min, ${statusWord(standing(lab, progress))}`,
  }));
  const score = progress.quizzes[day.slug];
  const quizHint = score ? `${score.right} of ${score.of} right last time` : 'not taken yet';
  const round = progress.reviews?.[day.slug];
  const reviewHint = round
    ? `${round.right} of ${round.of} right last time`
    : "colleagues' changes to the labs you have tried";
  const isLast = day.slug === workbook.days.at(-1)?.slug;
  const choices: Choice<DayStep>[] = [
    ...labs,
    ...(day.quizFile ? [{ label: 'Quiz', value: { go: 'quiz' } as const, hint: quizHint }] : []),
    { label: 'Review', value: { go: 'review' }, hint: reviewHint },
    ...(isLast ? [{ label: YOUR_WEEK, value: { go: 'week' } as const, hint: WEEK_HINT }] : []),
    { label: 'Other days', value: { go: 'days' } },
    { label: 'Quit', value: { go: 'quit' } },
  ];
  const initial = day.labs.findIndex((lab) => lab.key === at?.key);
  return choose<DayStep>(context, `${day.title}: ${daySummary(day, progress)}`, choices, initial);
}
