import { notesFor } from '../../grader/grade.ts';
import type { Runner } from '../../grader/runner.ts';
import { daySummary } from '../../report/list-screen.ts';
import { watchScreen } from '../../report/watch-screen.ts';
import { nextLab } from '../../workbook/status.ts';
import { type Lab, learnerFiles } from '../../workbook/workbook.ts';
import { restoreTerminal } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain, openCourse } from '../course.ts';
import { gradeAndRecord, openRunner } from '../grading.ts';
import { listenToKeys } from '../keys.ts';
import { FIRST_STATE, step, type WatchEffect, type WatchEvent, type WatchState } from '../watch/state.ts';
import { watchFiles } from '../watch/watcher.ts';
import { nextHint } from './hint.ts';
import { solutionText } from './solution.ts';

/** How watch mode was left: for the list of labs, or for good. */
export type WatchEnd = 'list' | ExitCode;

/** Grades the lab again at every save, until a key ends it. */
export async function watch(context: Context, start: Lab): Promise<WatchEnd> {
  if (!context.stdin.isTTY || !context.stdout.isTTY) {
    return complain(
      context,
      `watch needs a terminal, and this is not one. Use: npm run lab -- check ${start.id}`,
    );
  }
  const runner = openRunner(context);
  context.onStop(() => restoreTerminal(context));
  try {
    for (let lab: Lab = start; ; ) {
      const end = await watchLab(context, runner, lab);
      if (end !== 'next') return end;
      const course = openCourse(context);
      lab = nextLab(course.workbook, course.progress) ?? lab;
    }
  } finally {
    runner.close();
  }
}

// --- one lab -----------------------------------------------------------------------------------------------------

function watchLab(context: Context, runner: Runner, lab: Lab): Promise<WatchEnd | 'next'> {
  return new Promise((resolve, reject) => {
    let state: WatchState = FIRST_STATE;
    let left = false;
    const watcher = watchFiles(lab.dir, learnerFiles(lab), {
      onChange: () => send({ type: 'changed' }),
      onPolling: () => send({ type: 'polling' }),
    });
    const stopKeys = listenToKeys(context, (key) => send({ type: 'key', key }));
    const leave = (end: WatchEnd | 'next') => {
      left = true;
      watcher.stop();
      stopKeys();
      resolve(end);
    };
    const grade = () => {
      const startedAt = performance.now();
      const course = openCourse(context);
      const graded = gradeAndRecord(
        runner,
        course,
        lab,
        { subject: 'yours', seed: 1, quick: true },
        context.cwd,
      );
      graded.then((verdict) => {
        send({ type: 'graded', verdict, tookMs: performance.now() - startedAt });
        return notesFor(course.workbook, lab).then((notes) => send({ type: 'notes', notes }));
      }, reject);
    };
    const act: Record<WatchEffect, () => void> = {
      grade,
      next: () => leave('next'),
      list: () => leave('list'),
      quit: () => leave(0),
      interrupt: () => leave(130),
      hint: () =>
        send({ type: 'extra', text: nextHint(context.root, lab, context.style) ?? 'This lab has no hints.' }),
      solution: () => send({ type: 'extra', text: solutionText(context, lab, false).text }),
    };
    const send = (event: WatchEvent) => {
      if (left) return;
      const [next, effect] = step(state, event);
      const redraw = next !== state;
      state = next;
      if (redraw) draw(context, lab, state);
      if (effect) act[effect]();
    };
    draw(context, lab, state);
    grade();
  });
}

const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

function draw(context: Context, lab: Lab, state: WatchState): void {
  const { workbook, progress } = openCourse(context);
  const day = workbook.days.find((each) => each.id === lab.dayId);
  const { verdict, tookMs, extra, polling, phase } = state;
  const frame = {
    ...{ lab, verdict, tookMs, extra, polling, root: context.root, checking: phase === 'checking' },
    progress: day ? daySummary(day, progress) : '',
  };
  // Without redrawing, a screen reader would read the old verdict again with every frame.
  if (context.style.plain && frame.checking) say(context, `Checking ${lab.id}, please wait`);
  else say(context, `${context.style.plain ? '' : CLEAR}${watchScreen(frame, context.style)}`);
}
