import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type BenchmarkedLab, benchmarkJson, benchmarkScreen } from '../../report/benchmark-screen.ts';
import { plainJson } from '../../report/visible.ts';
import type { Verdict } from '../../workbook/verdict.ts';
import type { Lab } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { type Course, complain } from '../course.ts';
import { gradeAndRecord } from '../grading.ts';
import { openRunner } from '../runner.ts';

export interface BenchmarkChoice {
  /** Which of before, yours and solution, or paths of files that solve the lab. Default the three. */
  subjects?: string[];
  json: boolean;
  seed: number;
}

const STRATEGIES = ['before', 'yours', 'solution'] as const;

/** Measures the strategies of each lab on the same traffic, and shows them side by side. */
export async function benchmark(
  context: Context,
  course: Course,
  labs: readonly Lab[],
  { subjects = [...STRATEGIES], json, seed }: BenchmarkChoice,
): Promise<ExitCode> {
  const asked = new Set(subjects.map((name) => name.trim()));
  const paths = [...asked].filter((name) => !(STRATEGIES as readonly string[]).includes(name));
  const unknown = paths.find((path) => !existsSync(resolve(context.cwd, path)));
  if (unknown !== undefined) {
    return complain(
      context,
      `A benchmark compares ${STRATEGIES.join(', ')} and files; "${unknown}" is none of them. Use: npm run lab -- benchmark day1.1 --subject before,solution`,
    );
  }
  if (paths.length > 0 && labs.length !== 1) {
    return complain(
      context,
      `A file solves one lab, but ${labs.length} are to be measured. Name the one: npm run lab -- benchmark day1.1 --subject before,${paths[0]}`,
    );
  }
  if (!json && context.stderr.isTTY) context.stderr.write(`Measuring ${[...asked].join(', ')}\n\n`);
  const verdicts = await measure(context, course, labs, [...asked], seed);
  const measured = labs.map(
    ({ id, title }): BenchmarkedLab => ({ id, title, verdicts: verdicts.filter((each) => each.id === id) }),
  );
  if (json) say(context, plainJson(benchmarkJson(measured, seed), 2));
  else say(context, report(measured, context));
  return measured.some(({ verdicts }) => verdicts.some(({ status }) => status === 'error')) ? 1 : 0;
}

// --- helpers -----------------------------------------------------------------------------------------------------

const PARALLEL = 2;

/** Every strategy of every lab, in that order whichever is ready first. */
async function measure(
  context: Context,
  course: Course,
  labs: readonly Lab[],
  subjects: readonly string[],
  seed: number,
): Promise<Verdict[]> {
  const jobs = labs.flatMap((lab) => subjects.map((subject) => ({ lab, subject })));
  const verdicts: Verdict[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    const runner = openRunner(context);
    for (let at = next++; at < jobs.length; at = next++) {
      const { lab, subject } = jobs[at] as (typeof jobs)[number];
      const choice = { subject, seed, quick: true, command: 'benchmark' as const };
      verdicts[at] = await gradeAndRecord(runner, course, lab, choice, context.cwd);
    }
    runner.close();
  };
  await Promise.all(jobs.slice(0, PARALLEL).map(work));
  return verdicts;
}

/** Labs without figures are named in one line. */
function report(labs: readonly BenchmarkedLab[], { style }: Context): string {
  const worth = labs.filter(({ verdicts }) =>
    verdicts.some(({ metrics, plays, status }) => status === 'error' || metrics.length + plays.length > 0),
  );
  const rest = labs.filter((lab) => !worth.includes(lab)).map(({ id }) => id);
  const parts = worth.map((lab) => benchmarkScreen(lab, style));
  if (rest.length > 0) parts.push(`No figures to compare: ${rest.join(', ')}.`);
  if (worth.length > 0) parts.push('As charts: npm run lab -- dashboard');
  return parts.join('\n\n');
}
