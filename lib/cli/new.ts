import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gradeLab } from '../grader/grade.ts';
import { inWords } from '../provider/metrics.ts';
import { FIGURES_MARK, type NewLab, newLabFiles } from '../workbook/new-lab.ts';
import { readProgress } from '../workbook/progress.ts';
import type { Verdict } from '../workbook/verdict.ts';
import { allLabs, type Lab, readWorkbook, type Workbook } from '../workbook/workbook.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { complain } from './course.ts';
import { updateLists } from './prove.ts';
import { openRunner } from './runner.ts';

/** `npm run new day3 8-my-lab`: a small lab that works, in both trees, for its author to change. */
export function main(): Promise<void> {
  return runEntry(create);
}

/** Makes the lab, measures its figures and says what to do next. */
export async function create(argv: string[], context: Context): Promise<ExitCode> {
  const plan = planNew(argv, readWorkbook(context.root));
  if (!plan.ok) return complain(context, plan.problem);
  const files = newLabFiles(plan.lab);
  const taken = Object.keys(files).find((path) => existsSync(join(context.root, path)));
  if (taken)
    return complain(context, `${taken} is there already, so nothing was written. Choose another name.`);
  for (const [path, text] of Object.entries(files)) {
    const full = join(context.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, text);
    say(context, `wrote ${path}`);
  }
  const key = `${plan.lab.day}/${plan.lab.slug}`;
  const lab = allLabs(readWorkbook(context.root)).find((each) => each.key === key);
  if (!lab) throw new Error(`The new lab ${key} is not found among the labs of the workbook.`);
  const verdict = await measure(context, lab);
  if (verdict.status !== 'passed') return complain(context, `Its solution does not pass: ${verdict.message}`);
  writeFigures(join(lab.dir, 'README.md'), verdict);
  updateLists(readWorkbook(context.root), context);
  say(context, nextSteps(lab));
  return 0;
}

// --- deciding ----------------------------------------------------------------------------------------------------

type Plan = { ok: true; lab: NewLab } | { ok: false; problem: string };

const USED_AS = 'It is used as: npm run new day3 8-my-lab';

/** Which lab is to be made. The slug may leave its number out: it then comes after the day's last lab. */
export function planNew(argv: readonly string[], workbook: Workbook): Plan {
  const [dayWord, slugWord, ...rest] = argv;
  if (!dayWord || !slugWord || rest.length > 0)
    return { ok: false, problem: `A day and a name are needed. ${USED_AS}` };
  const day = workbook.days.find((each) => each.id === dayWord || each.slug === dayWord);
  const days = workbook.days.map((each) => each.id).join(', ');
  if (!day) return { ok: false, problem: `There is no day "${dayWord}". The days are ${days}. ${USED_AS}` };
  const slug = /^\d+-/.test(slugWord) ? slugWord : `${day.labs.length + 1}-${slugWord}`;
  if (!/^\d+-[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(slug)) {
    return {
      ok: false,
      problem: `"${slugWord}" cannot be a name: small letters, digits and hyphens only. ${USED_AS}`,
    };
  }
  const number = Number.parseInt(slug, 10);
  if (day.labs.some((lab) => Number.parseInt(lab.slug, 10) === number)) {
    return {
      ok: false,
      problem: `${day.id} has a lab ${number} already. The next free number is ${day.labs.length + 1}.`,
    };
  }
  return { ok: true, lab: { day: day.slug, slug } };
}

// --- doing -------------------------------------------------------------------------------------------------------

async function measure(context: Context, lab: Lab): Promise<Verdict> {
  const runner = openRunner(context);
  const { progress } = readProgress(context.root);
  const verdict = await gradeLab(runner, lab, {
    workbook: readWorkbook(context.root),
    progress,
    subject: 'solution',
  });
  runner.close();
  return verdict;
}

function writeFigures(readme: string, { metrics }: Verdict): void {
  const rows = metrics.map(({ name, unit, before, yours, target, limit }) => {
    const cells = [before, yours, target, limit].map((value) =>
      value === null ? '–' : inWords(value, unit),
    );
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  writeFileSync(readme, readFileSync(readme, 'utf8').replace(FIGURES_MARK, rows.join('\n')));
}

function nextSteps(lab: Lab): string {
  return `
${lab.id} is a small lab that works. Make it yours, in this order:
  1. days/${lab.key}/README.md and scenario.ts: the situation, the traffic, the figure and its limit.
  2. days/${lab.key}/check.test.ts: three to eight checks; their titles are what the learner reads.
  3. solutions/${lab.key}/: the solution, right/ answers, NOTES.md; before.ts is a copy of the starter.
     mistakes/ are patches of the solution: npm run mistake -- open ${lab.id} chain
  4. days/${lab.key}/hints.md: three rungs or more.
  5. npm run prove -- ${lab.id} says what is missing or untrue; every TODO must go.`;
}
