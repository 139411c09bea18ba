import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { daySummary, statusWord } from '../../report/list-screen.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { verdictScreen } from '../../report/verdict-screen.ts';
import { findDay } from '../../workbook/find.ts';
import { nextLab, standing } from '../../workbook/status.ts';
import { allLabs, type Day, type Lab, shownFile } from '../../workbook/workbook.ts';
import { type Choice, choose, restoreTerminal, withKeysIgnored } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain, openCourse } from '../course.ts';
import { gradeAndRecord, openRunner } from '../grading.ts';
import { compare } from './compare.ts';
import { hint } from './hint.ts';
import { list } from './list.ts';
import { open } from './open.ts';
import { reset } from './reset.ts';
import { solution } from './solution.ts';

/** The interactive menu, opened at the next lab or at the named day. */
export async function menu(context: Context, course: Course, dayWord: string | undefined): Promise<ExitCode> {
  const next = nextLab(course.workbook, course.progress);
  const day = dayWord === undefined ? undefined : findDay(course.workbook, dayWord);
  if (day && !day.ok) return complain(context, `${day.problem} \`npm run lab -- help\` lists the commands.`);
  if (!context.stdin.isTTY || !context.stdout.isTTY) return withoutTerminal(context, course, next);
  context.onStop(() => restoreTerminal(context));
  const start = day?.ok ? day.found : course.workbook.days.find((each) => each.id === next?.dayId);
  const ended = await dayLoop(context, start, next);
  say(context, ended === 130 ? '' : 'Until next time. `npm run lab` takes you back here.');
  return ended;
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
type DayStep = { go: 'lab'; lab: Lab } | { go: 'days' } | { go: 'quit' };

async function dayLoop(context: Context, start: Day | undefined, next: Lab | undefined): Promise<Ended> {
  let day = start;
  let at = next;
  for (;;) {
    const course = openCourse(context);
    if (!day) {
      const answer = await chooseDay(context, course);
      if (answer.kind !== 'chosen') return answer.kind === 'back' ? 0 : 130;
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
    const left = await labLoop(context, answer.value.lab);
    if (left.ended !== undefined) return left.ended;
    at = left.at;
    day = course.workbook.days.find((each) => each.id === at?.dayId) ?? day;
  }
}

function chooseDay(context: Context, { workbook, progress }: Course) {
  const choices = workbook.days.map((day) => ({
    label: `${day.id}  ${day.title}`,
    value: day,
    hint: daySummary(day, progress),
  }));
  return choose(context, 'Which day? (Esc quits)', choices);
}

function chooseLab(context: Context, { progress }: Course, day: Day, at: Lab | undefined) {
  const labs: Choice<DayStep>[] = day.labs.map((lab) => ({
    label: `${lab.id}  ${lab.title}`,
    value: { go: 'lab', lab },
    hint: `${lab.lane}, ${lab.minutes} min, ${statusWord(standing(lab, progress))}`,
  }));
  const choices = [
    ...labs,
    { label: 'Other days', value: { go: 'days' } },
    { label: 'Quit', value: { go: 'quit' } },
  ] as const;
  const initial = day.labs.findIndex((lab) => lab.key === at?.key);
  return choose<DayStep>(context, `${day.title}: ${daySummary(day, progress)}`, choices, initial);
}

// --- one lab -----------------------------------------------------------------------------------------------------

type Act = 'task' | 'open' | 'check' | 'compare' | 'hint' | 'solution' | 'reset' | 'next' | 'back' | 'quit';

const ACTS: readonly Choice<Act>[] = [
  { value: 'task', label: 'Read the task' },
  { value: 'open', label: 'Open the file in the editor' },
  { value: 'check', label: 'Check' },
  { value: 'compare', label: 'Compare with before and the solution' },
  { value: 'hint', label: 'Hint' },
  { value: 'solution', label: 'Solution' },
  { value: 'reset', label: 'Reset to the starter', hint: 'your file is kept aside' },
  { value: 'next', label: 'Next lab' },
  { value: 'back', label: 'Back to the day' },
  { value: 'quit', label: 'Quit' },
];

async function labLoop(context: Context, start: Lab): Promise<{ ended?: Ended; at?: Lab }> {
  const runner = openRunner(context);
  let lab = start;
  let cursor: Act = 'task';
  try {
    for (;;) {
      const course = openCourse(context);
      const where = statusWord(standing(lab, course.progress));
      say(context, '');
      const question = `${lab.id} ${lab.title} (${where}) · ${shownFile(lab)}`;
      const answer = await choose(
        context,
        question,
        ACTS,
        ACTS.findIndex((each) => each.value === cursor),
      );
      if (answer.kind === 'interrupted') return { ended: 130 };
      if (answer.kind === 'back' || answer.value === 'back') return { at: lab };
      if (answer.value === 'quit') return { ended: 0 };
      say(context, '');
      if (answer.value === 'next') {
        lab = labAfter(course, lab);
        cursor = 'task';
      } else {
        cursor = await act(answer.value, context, course, lab, runner);
      }
    }
  } finally {
    runner.close();
  }
}

/** Does one thing and tells where the cursor stands next. */
async function act(
  what: Exclude<Act, 'next' | 'back' | 'quit'>,
  context: Context,
  course: Course,
  lab: Lab,
  runner: ReturnType<typeof openRunner>,
): Promise<Act> {
  switch (what) {
    case 'task':
      say(context, renderMarkdown(readFileSync(join(lab.dir, 'README.md'), 'utf8'), context.style));
      runner.warmUp();
      return 'open';
    case 'open':
      await open(context, lab);
      return 'check';
    case 'check': {
      say(context, `Checking ${lab.id}`);
      const passed = await checkHere(context, course, lab, runner);
      return passed ? 'next' : 'check';
    }
    case 'compare':
      await withKeysIgnored(context, () => compare(context, course, lab, 1), interrupt);
      return 'compare';
    case 'hint':
      hint(context, lab);
      return 'check';
    case 'solution':
      return askSolution(context, lab);
    case 'reset':
      return askReset(context, lab);
  }
}

async function checkHere(
  context: Context,
  course: Course,
  lab: Lab,
  runner: ReturnType<typeof openRunner>,
): Promise<boolean> {
  const grading = () => gradeAndRecord(runner, course, lab, { subject: 'yours', seed: 1 }, context.cwd);
  const verdict = await withKeysIgnored(context, grading, interrupt);
  say(context, verdictScreen(verdict, lab.title, context.root, context.style));
  return verdict.status === 'passed';
}

async function askSolution(context: Context, lab: Lab): Promise<Act> {
  if (solution(context, lab, { force: false, apply: false }) === 0) return 'check';
  const answer = await choose(context, 'See it without an attempt?', [
    { label: 'No, back to the lab', value: false },
    { label: 'Yes, show it', value: true, hint: 'this is recorded' },
  ]);
  if (answer.kind === 'chosen' && answer.value) solution(context, lab, { force: true, apply: false });
  return 'check';
}

async function askReset(context: Context, lab: Lab): Promise<Act> {
  const answer = await choose(context, `Put the starter back in ${shownFile(lab)}?`, [
    { label: 'No', value: false },
    { label: 'Yes', value: true, hint: 'your file is kept aside' },
  ]);
  if (answer.kind === 'chosen' && answer.value) reset(context, lab, undefined);
  return 'check';
}

function labAfter({ workbook }: Course, lab: Lab): Lab {
  const labs = allLabs(workbook);
  return labs[labs.findIndex((each) => each.key === lab.key) + 1] ?? labs[0] ?? lab;
}

/** Ctrl-C while keys are ignored: the terminal does not turn it into a signal then. */
function interrupt(): void {
  process.kill(process.pid, 'SIGINT');
}
