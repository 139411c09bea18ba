import { notesFor } from '../../grader/grade.ts';
import type { Runner } from '../../grader/runner.ts';
import { allPassed, daySummary } from '../../report/list-screen.ts';
import { watchScreen } from '../../report/watch-screen.ts';
import { nextLab, standing } from '../../workbook/status.ts';
import { type Lab, learnerFiles } from '../../workbook/workbook.ts';
import { restoreTerminal } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain, openCourse } from '../course.ts';
import { gradeAndRecord } from '../grading.ts';
import { listenToKeys } from '../keys.ts';
import { openRunner } from '../runner.ts';
import { FIRST_STATE, step, type WatchEffect, type WatchEvent, type WatchState } from '../watch/state.ts';
import { watchFiles } from '../watch/watcher.ts';
import { nextHint } from './hint.ts';
import { run } from './run.ts';
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
      const { workbook, progress } = openCourse(context);
      const next = nextLab(workbook, progress);
      if (!next || standing(next, progress).status === 'passed') {
        say(context, allPassed(workbook));
        return 'list';
      }
      lab = next;
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
    const stops: (() => void)[] = [];
    const stopRun = () => {
      for (const stop of stops.splice(0)) stop();
    };
    context.onStop(stopRun);
    const watcher = watchFiles(lab.dir, learnerFiles(lab), {
      onChange: () => send({ type: 'changed' }),
      onPolling: () => send({ type: 'polling' }),
    });
    const stopKeys = listenToKeys(context, (key) => send({ type: 'key', key }));
    const leave = (end: WatchEnd | 'next') => {
      left = true;
      stopRun();
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
    const show = () => {
      if (!context.style.plain) context.stdout.write(CLEAR);
      const own = { ...context, onStop: (action: () => void) => void stops.push(action) };
      run(own, lab, AT_HUMAN_SPEED).then(() => send({ type: 'ran' }), reject);
    };
    const act: Record<WatchEffect, () => void> = {
      grade,
      run: show,
      stop: stopRun,
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
      const redraw = next !== state && (next.phase !== state.phase || !SHOWS_RUN.has(next.phase));
      state = next;
      if (redraw) draw(context, lab, state);
      if (effect) act[effect]();
    };
    draw(context, lab, state);
    grade();
  });
}

const AT_HUMAN_SPEED = { seed: 1, live: false, yes: false, budgetUsd: 0 };

/** The screen belongs to what the run has written. */
const SHOWS_RUN = new Set<WatchState['phase']>(['running', 'ran']);

const CLEAR = '\u001b[2J\u001b[3J\u001b[H';

const AFTER_RUN = 'Any key brings the verdict back, a save checks again, r runs once more, q quits.';

function draw(context: Context, lab: Lab, state: WatchState): void {
  if (state.phase === 'running') return;
  if (state.phase === 'ran') {
    say(context, `\n${AFTER_RUN}`);
    return;
  }
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
