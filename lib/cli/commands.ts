import { createRequire } from 'node:module';
import { findDay, findLab, findLabs } from '../workbook/find.ts';
import { nextLab } from '../workbook/status.ts';
import { allLabs, type Day, type Lab } from '../workbook/workbook.ts';
import type { Context, ExitCode } from './context.ts';
import { type Course, complain, openCourse } from './course.ts';
import { type Definition, define } from './definition.ts';
import { number, on, seed, text } from './flags.ts';
import { openRunner } from './runner.ts';

const MANY = Number.POSITIVE_INFINITY;
const DEFAULT_BUDGET_USD = 0.05;
const DASHBOARD_PORT = 4020;

/** The commands of `npm run lab` by name, in the order of the help. */
export const COMMANDS: Readonly<Record<string, Definition>> = {
  list: define({
    ...{ takes: '', does: 'days and labs with lane, minutes and status', words: [0, 0] },
    flags: { json: on() },
    run: (context, _, { json }) => load.list().list(context, openCourse(context), json),
  }),
  check: define({
    ...{ takes: 'LAB|DAY…', does: 'grade labs', words: [1, MANY] },
    flags: {
      ...{ json: on(), subject: text('SUBJECT'), seed: seed(1) },
      ...{ junit: text('JUNIT'), ctrf: text('CTRF'), classroom: text('CLASSROOM') },
    },
    run(context, words, { subject = 'yours', junit, ctrf, classroom, ...choice }) {
      const runner = openRunner(context);
      runner.warmUp(); // It starts while the course is being read.
      const course = openCourse(context);
      const labs = findLabs(course.workbook, words);
      if (!labs.ok) return complain(context, labs.problem);
      const files = { junit, ctrf, classroom };
      return load.check().check(context, course, labs.found, { ...choice, subject, files }, runner);
    },
  }),
  watch: define({
    ...{ takes: '[LAB]', does: 'grade again at every save', words: [0, 1], flags: {} },
    run(context, [word]) {
      const { workbook, progress } = openCourse(context);
      return withLab(context, word ?? nextLab(workbook, progress)?.id ?? '', (lab) =>
        watchOrMenu(context, lab),
      );
    },
  }),
  run: define({
    takes: 'LAB',
    does: 'see your code run at human speed, or --live; --trace replays recorded traffic (day4.5)',
    words: [1, 1],
    flags: {
      live: on(),
      yes: on(),
      seed: seed(1),
      speed: number('SPEED', undefined, isAbove0, '--speed is a number above 0, 1 for life'),
      budget: number('BUDGET', DEFAULT_BUDGET_USD, isAbove0, '--budget is a number of dollars above 0'),
      trace: text('TRACE'),
    },
    problem: ({ live, speed }) =>
      live && speed !== undefined ? 'A live run takes the time it takes: leave --speed out.' : undefined,
    run: (context, [word = ''], { budget, ...choice }) =>
      withLab(context, word, (lab) => load.run().run(context, lab, { ...choice, budgetUsd: budget })),
  }),
  compare: define({
    ...{ takes: 'LAB', does: 'before, yours, solution, target and limit', words: [1, 1] },
    flags: { seed: seed(1) },
    run: (context, [word = ''], values) =>
      withLab(context, word, (lab, course) => load.compare().compare(context, course, lab, values.seed)),
  }),
  hint: define({
    ...{ takes: 'LAB', does: 'the next hint', words: [1, 1], flags: {} },
    run: (context, [word = '']) => withLab(context, word, (lab) => load.hint().hint(context, lab)),
  }),
  solution: define({
    ...{ takes: 'LAB', does: 'the solution and its diff to your file', words: [1, 1] },
    flags: { force: on(), apply: on() },
    run: (context, [word = ''], choice) =>
      withLab(context, word, (lab) => load.solution().solution(context, lab, choice)),
  }),
  mistakes: define({
    ...{ takes: 'LAB', does: "the lab's mistakes as diffs, after an attempt", words: [1, 1] },
    flags: { json: on() },
    run: (context, [word = ''], { json }) =>
      withLab(context, word, (lab) => load.mistakes().mistakes(context, lab, json)),
  }),
  review: define({
    ...{ takes: 'DAY', does: "review colleagues' changes to the labs you have tried", words: [1, 1] },
    flags: { json: on() },
    run: (context, [word = ''], { json }) =>
      withDay(context, word, (day, course) => load.review().review(context, course, day, json)),
  }),
  reset: define({
    ...{ takes: 'LAB', does: 'put the starter back; your file is kept aside', words: [1, 1] },
    flags: { undo: text('UNDO') },
    run: (context, [word = ''], { undo }) =>
      withLab(context, word, (lab) => load.reset().reset(context, lab, undo)),
  }),
  open: define({
    ...{ takes: 'LAB', does: 'open the file to edit in your editor', words: [1, 1], flags: {} },
    run: (context, [word = '']) => withLab(context, word, (lab) => load.open().open(context, lab)),
  }),
  quiz: define({
    ...{ takes: 'DAY', does: "the day's questions", words: [1, 1], flags: {} },
    run: (context, [word = '']) => withDay(context, word, (day) => load.quiz().quiz(context, day)),
  }),
  report: define({
    takes: '',
    does: 'your week: figures, labs, quizzes, reflection; as text, JSON or a page, and a certificate',
    words: [0, 0],
    flags: {
      ...{ json: on(), html: text('FILE', 'report.html') },
      ...{ certificate: text('FILE', 'certificate.html'), name: text('NAME') },
    },
    problem: ({ name, certificate }) =>
      name === undefined || certificate !== undefined
        ? undefined
        : `--name stands on the certificate. Type: npm run lab -- report --certificate --name ${JSON.stringify(name)}`,
    run: (context, _, { name, ...choice }) =>
      load.report().report(context, openCourse(context), { ...choice, person: name }),
  }),
  dashboard: define({
    ...{ takes: '', does: 'a page with live charts of what you checked and ran', words: [0, 0] },
    flags: {
      port: number(
        'PORT',
        DASHBOARD_PORT,
        (port) => Number.isInteger(port) && port >= 0 && port <= 65_535,
        '--port is a whole number from 0 (any free one) to 65535',
      ),
      html: text('HTML'),
    },
    run: (context, _, choice) => load.dashboard().dashboard(context, choice),
  }),
  benchmark: define({
    takes: '[LAB|DAY…]',
    does: 'before, yours and solution of labs side by side, by time, tokens and cost',
    words: [0, MANY],
    flags: { json: on(), subject: text('SUBJECT'), seed: seed(1) },
    run(context, words, { subject, ...choice }) {
      const course = openCourse(context);
      const labs = words.length > 0 ? findLabs(course.workbook, words) : undefined;
      if (labs && !labs.ok) return complain(context, labs.problem);
      const subjects = subject?.split(',');
      const chosen = labs?.found ?? allLabs(course.workbook);
      return load.benchmark().benchmark(context, course, chosen, { ...choice, subjects });
    },
  }),
  doctor: define({
    ...{ takes: '', does: 'what of Node, packages, terminal, editor, Python, Redis is here', words: [0, 0] },
    flags: {},
    run: (context) => load.doctor().doctor(context),
  }),
  update: define({
    ...{ takes: '[DIR]', does: 'bring in new course content; your work stays', words: [0, 1], flags: {} },
    run: (context, [from]) => load.update().update(context, from),
  }),
  grade: define({
    ...{ takes: 'DIR…', does: "grade other people's workbooks", words: [1, MANY] },
    flags: {
      ...{ json: on(), merge: on(), seed: seed(undefined) },
      ...{ labs: text('LABS'), out: text('OUT'), shard: text('SHARD'), isolation: text('LEVEL') },
    },
    run: (context, words, choice) =>
      load.grade().grade(context, openCourse(context), { ...choice, dirs: [...words] }),
  }),
};

/** The menu, opened at a day or a lab. */
export function openMenu(context: Context, word?: string): Promise<ExitCode> {
  return load.menu().menu(context, openCourse(context), word);
}

// --- helpers -----------------------------------------------------------------------------------------------------

const from = createRequire(import.meta.url);

/** A command's file is loaded when it is used: loading them all takes longer than most of them do. */
const load = {
  benchmark: () => from('./commands/benchmark.ts') as typeof import('./commands/benchmark.ts'),
  check: () => from('./commands/check.ts') as typeof import('./commands/check.ts'),
  compare: () => from('./commands/compare.ts') as typeof import('./commands/compare.ts'),
  dashboard: () => from('./commands/dashboard.ts') as typeof import('./commands/dashboard.ts'),
  doctor: () => from('./commands/doctor.ts') as typeof import('./commands/doctor.ts'),
  grade: () => from('./commands/grade.ts') as typeof import('./commands/grade.ts'),
  hint: () => from('./commands/hint.ts') as typeof import('./commands/hint.ts'),
  list: () => from('./commands/list.ts') as typeof import('./commands/list.ts'),
  menu: () => from('./commands/menu.ts') as typeof import('./commands/menu.ts'),
  mistakes: () => from('./commands/mistakes.ts') as typeof import('./commands/mistakes.ts'),
  open: () => from('./commands/open.ts') as typeof import('./commands/open.ts'),
  quiz: () => from('./commands/quiz.ts') as typeof import('./commands/quiz.ts'),
  report: () => from('./commands/report.ts') as typeof import('./commands/report.ts'),
  reset: () => from('./commands/reset.ts') as typeof import('./commands/reset.ts'),
  review: () => from('./commands/review.ts') as typeof import('./commands/review.ts'),
  run: () => from('./commands/run.ts') as typeof import('./commands/run.ts'),
  solution: () => from('./commands/solution.ts') as typeof import('./commands/solution.ts'),
  update: () => from('./commands/update.ts') as typeof import('./commands/update.ts'),
  watch: () => from('./commands/watch.ts') as typeof import('./commands/watch.ts'),
};

function isAbove0(value: number): boolean {
  return value > 0 && value < Number.POSITIVE_INFINITY;
}

/** The key `l` of watch mode leads to the menu. */
async function watchOrMenu(context: Context, lab: Lab): Promise<ExitCode> {
  const end = await load.watch().watch(context, lab);
  return end === 'list' ? openMenu(context, lab.dayId) : end;
}

function withLab(
  context: Context,
  word: string,
  act: (lab: Lab, course: Course) => Promise<ExitCode> | ExitCode,
): Promise<ExitCode> | ExitCode {
  const course = openCourse(context);
  const lab = findLab(course.workbook, word);
  return lab.ok ? act(lab.found, course) : complain(context, lab.problem);
}

function withDay(
  context: Context,
  word: string,
  act: (day: Day, course: Course) => Promise<ExitCode> | ExitCode,
): Promise<ExitCode> | ExitCode {
  const course = openCourse(context);
  const day = findDay(course.workbook, word);
  return day.ok ? act(day.found, course) : complain(context, day.problem);
}
