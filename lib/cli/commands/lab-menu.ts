import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { shortTitle, statusWord } from '../../report/list-screen.ts';
import { renderMarkdown } from '../../report/markdown.ts';
import { verdictScreen } from '../../report/verdict-screen.ts';
import { makeCurrent, standing } from '../../workbook/status.ts';
import { allLabs, type Lab, shownFile } from '../../workbook/workbook.ts';
import { type Choice, choose, withKeysIgnored } from '../ask.ts';
import { type Context, say } from '../context.ts';
import { type Course, openCourse } from '../course.ts';
import { gradeAndRecord } from '../grading.ts';
import { openRunner } from '../runner.ts';
import { compare } from './compare.ts';
import { hint } from './hint.ts';
import { mistakes } from './mistakes.ts';
import { open } from './open.ts';
import { reset } from './reset.ts';
import { run } from './run.ts';
import { solution } from './solution.ts';
import { watch } from './watch.ts';

/** How a menu was left: for good, with this exit code, or back to the day, at this lab. */
export type LabMenuEnd = { ended: 0 | 130 } | { ended?: undefined; at: Lab };

type Act =
  | 'task'
  | 'open'
  | 'check'
  | 'watch'
  | 'run'
  | 'compare'
  | 'hint'
  | 'solution'
  | 'mistakes'
  | 'reset'
  | 'next'
  | 'back'
  | 'quit';

const ACTS: readonly Choice<Act>[] = [
  { value: 'task', label: 'Read the task' },
  { value: 'open', label: 'Open the file in the editor' },
  { value: 'check', label: 'Check' },
  { value: 'watch', label: 'Watch: check at every save' },
  { value: 'run', label: 'Run at human speed' },
  { value: 'compare', label: 'Compare with before and the solution' },
  { value: 'hint', label: 'Hint' },
  { value: 'solution', label: 'Solution' },
  { value: 'mistakes', label: 'Mistakes that others make here' },
  { value: 'reset', label: 'Reset to the starter', hint: 'your file is kept aside' },
  { value: 'next', label: 'Next lab' },
  { value: 'back', label: 'Back to the day' },
  { value: 'quit', label: 'Quit' },
];

/** The acts on one lab, until the person goes back to its day or quits. */
export async function labMenu(context: Context, start: Lab): Promise<LabMenuEnd> {
  const runner = openRunner(context);
  let lab = start;
  let cursor: Act = 'task';
  try {
    for (;;) {
      const course = openCourse(context);
      const where = statusWord(standing(lab, course.progress));
      say(context, `\n${shownFile(lab)}`);
      const question = `${lab.id} ${shortTitle(lab)} (${where})`;
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
      makeCurrent(context.root, lab);
      if (answer.value === 'watch') {
        const end = await watch(context, lab);
        if (end === 130) return { ended: 130 };
        if (end === 'list') return { at: lab };
        cursor = 'watch';
      } else if (answer.value === 'next') {
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
  what: Exclude<Act, 'watch' | 'next' | 'back' | 'quit'>,
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
    case 'run':
      await run(context, lab, { seed: 1, live: false, yes: false, budgetUsd: 0 });
      return 'check';
    case 'compare':
      await withKeysIgnored(context, () => compare(context, course, lab, 1), interrupt);
      return 'compare';
    case 'hint':
      hint(context, lab);
      return 'check';
    case 'solution':
      return askSolution(context, lab);
    case 'mistakes':
      await mistakes(context, lab, false);
      return 'check';
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
  say(context, verdictScreen(verdict, lab, context.root, context.style));
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
