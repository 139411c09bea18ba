import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { runLab } from '../../grader/run-lab.ts';
import { createRunPrinter, estimateWords } from '../../report/run-lines.ts';
import { visible } from '../../report/visible.ts';
import type { RunEvent, RunRequest } from '../../workbook/run-events.ts';
import { appendRun } from '../../workbook/runs.ts';
import { type Lab, scenarioFile } from '../../workbook/workbook.ts';
import { choose } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';
import { listenToRun } from '../run-record.ts';

export interface RunChoice {
  seed: number;
  /** Against a real account. */
  live: boolean;
  /** How many times as fast as life it is shown. Default: such that it ends within about a minute. */
  speed?: number;
  /** Dollars that a live run may spend. */
  budgetUsd: number;
  /** Says yes to the estimate beforehand. */
  yes: boolean;
  /** A file of recorded traffic to replay in virtual time: a path as it was given. */
  trace?: string;
}

type Estimate = Extract<RunEvent, { event: 'estimate' }>;

/** Longer than this, few watch. */
const SHOW_MS = 60_000;

/** Plays the lab's scenario with the learner's code at human speed, simulated or against a real account. */
export async function run(context: Context, lab: Lab, choice: RunChoice): Promise<ExitCode> {
  const nothing = `${lab.id} makes no calls, so there is nothing to watch. Use: npm run lab -- compare ${lab.id}`;
  if (!existsSync(scenarioFile(lab))) return complain(context, nothing);
  if (choice.trace !== undefined) return replay(context, lab, choice, choice.trace);
  const estimate = await estimateOf(context, lab, choice);
  if ('problem' in estimate) return complain(context, estimate.problem);
  if (estimate.calls === 0) return complain(context, nothing);
  if (choice.live) return runLive(context, lab, choice, estimate);
  const speed = choice.speed ?? speedFor(estimate.ms);
  const pace =
    speed === 1 ? 'at human speed' : `shown ${speed} times as fast as life (--speed 1 for human speed)`;
  say(context, `${lab.id} ${lab.title}, ${pace}: ${estimateWords(estimate)}. Ctrl-C stops it.\n`);
  return show(context, lab, { ...choice, speed }, 'simulated', estimate);
}

/** The first of 1, 2, 5, 10, 20, 50 … at which the play is over in a minute. */
export function speedFor(ms: number): number {
  for (let decade = 1; ; decade *= 10)
    for (const step of [1, 2, 5]) if (ms / (decade * step) <= SHOW_MS) return decade * step;
}

// --- helpers -----------------------------------------------------------------------------------------------------

async function runLive(context: Context, lab: Lab, choice: RunChoice, estimate: Estimate): Promise<ExitCode> {
  if (!estimate.live.ok) return complain(context, `${lab.id} cannot be run live: ${estimate.live.why}.`);
  const question = `${lab.id} against your own account: about ${estimateWords(estimate)}, at most $${choice.budgetUsd}`;
  if (!choice.yes) {
    if (!context.stdin.isTTY || !context.stdout.isTTY) {
      return complain(context, `${question}. There is no terminal to ask in: add --yes to agree.`);
    }
    const answer = await choose(context, `${question}. Go on?`, [
      { label: 'No', value: false },
      { label: 'Yes, spend it', value: true },
    ]);
    if (answer.kind === 'interrupted') return 130;
    if (answer.kind !== 'chosen' || !answer.value) return 0;
  } else {
    say(context, `${question}.`);
  }
  return show(context, lab, choice, 'live', estimate);
}

async function show(
  context: Context,
  lab: Lab,
  choice: RunChoice,
  mode: RunRequest['mode'],
  { calls }: Estimate,
): Promise<ExitCode> {
  const printer = createRunPrinter(context.style);
  const listener = listenToRun();
  let code: ExitCode = 2;
  await runLab(lab, {
    ...{ root: context.root, env: context.env, mode, seed: choice.seed },
    ...{ budgetUsd: choice.budgetUsd, expectedCalls: calls, speed: choice.speed },
    onEvent(event) {
      listener.hear(event);
      if (event.event === 'settled') code = event.error ? 1 : 0;
      context.stdout.write(printer.print(event));
    },
    onOutput: (text) => context.stdout.write(printer.printed(text)),
    onStop: context.onStop,
  });
  const told = listener.told();
  const about = {
    command: 'run',
    lab: lab.id,
    title: lab.title,
    subject: 'yours',
    seed: choice.seed,
  } as const;
  if (told) appendRun(context.root, { ...about, ...told, metrics: [] });
  return code;
}

/** Puts a recorded day to the learner's code. */
async function replay(context: Context, lab: Lab, choice: RunChoice, given: string): Promise<ExitCode> {
  const trace = resolve(context.cwd, given);
  if (!existsSync(trace)) return complain(context, `There is no file ${trace}.`);
  let text: string | undefined;
  let problem = 'it ended before it was done.';
  const { stopped } = await runLab(lab, {
    ...{ root: context.root, env: context.env, mode: 'replay' as const, trace },
    ...{ seed: choice.seed, budgetUsd: choice.budgetUsd },
    onEvent(event) {
      if (event.event === 'replayed') text = event.text;
      if (event.event === 'refused') problem = event.message;
    },
    onOutput: (printed) => context.stderr.write(visible(printed, context.style.colours)),
    onStop: context.onStop,
  });
  if (stopped) problem = 'it had not come to an end after a minute.';
  if (text === undefined) return complain(context, `${lab.id} could not replay ${given}: ${problem}`);
  say(context, text);
  return 0;
}

async function estimateOf(
  context: Context,
  lab: Lab,
  { seed, budgetUsd }: RunChoice,
): Promise<Estimate | { problem: string }> {
  let answer: Estimate | { problem: string } | undefined;
  const { stopped } = await runLab(lab, {
    ...{ root: context.root, env: context.env, mode: 'estimate' as const, seed, budgetUsd },
    onEvent(event) {
      if (event.event === 'estimate') answer = event;
      if (event.event === 'refused') answer = { problem: `${lab.id} does not run: ${event.message}` };
    },
    onOutput: () => {},
    onStop: context.onStop,
  });
  const why = stopped ? 'it did not come to an end' : 'it ended before it was done';
  return (
    answer ?? { problem: `${lab.id} does not run: ${why}. \`npm run lab -- check ${lab.id}\` says more.` }
  );
}
