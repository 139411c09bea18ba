import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Json, Metric } from '../check/session.ts';
import { hashTexts, stateDir, unusable } from '../workbook/files.ts';
import { HOME } from '../workbook/home.ts';
import type { Progress } from '../workbook/progress.ts';
import { secretsFilter } from '../workbook/secrets.ts';
import { beforeFiles, solutionFiles } from '../workbook/starter.ts';
import type { Verdict } from '../workbook/verdict.ts';
import { type Lab, learnerFiles, type Workbook } from '../workbook/workbook.ts';
import { beforeKey, readBefore, writeBefore } from './before-cache.ts';
import { type CourseGuard, changeInWords, guardFiles, verdictRests } from './course-guard.ts';
import { explain, tampered } from './explain.ts';
import { plainly } from './plain-subject.ts';
import { accountIn } from './run-lab.ts';
import type { Runner } from './runner.ts';
import { chooseSubject, importsFor, type Subject } from './subject.ts';
import { typeNotes } from './types.ts';
import type { RunResult } from './watch-over.ts';

export interface GradeOptions {
  workbook: Workbook;
  progress: Progress;
  /** yours, before, solution, or a path. Default yours. */
  subject?: string;
  /** What the learner's files hold, where that is not what is on the disk. */
  texts?: (string | null)[];
  /** Default 1. */
  seed?: number;
  /** Where a relative subject path starts. Default: the root of the workbook. */
  cwd?: string;
  /** Knows what the files that a verdict rests on were. Default: a new one for each grading. */
  guard?: CourseGuard;
  onCheck?: (title: string) => void;
  /** True leaves out the compiler's notes. Default false. */
  quick?: boolean;
}

/** Grades one lab in the runner's child process. Never throws because of what the code under check does. */
export async function gradeLab(runner: Runner, lab: Lab, options: GradeOptions): Promise<Verdict> {
  const { workbook, subject: name = 'yours', seed = 1, cwd = workbook.root, quick = false } = options;
  const base = { id: lab.id, key: lab.key, subject: name, seed };
  const choice = chooseSubject(lab, name, cwd);
  if (!choice.ok) return ungradedVerdict(lab, name, seed, choice.problem);
  const { subject } = choice;
  const texts = options.texts ?? subject.files.map(textOf);
  const notes =
    wantsTypes(subject) && !quick && !texts.includes(null)
      ? typeNotes(HOME, workbook.root, lab, subject.files)
      : Promise.resolve([]);
  const plain = plainly(workbook.root, subject);
  const guard = options.guard ?? guardFiles(workbook.root, verdictRests(lab), asideIn(workbook.root));
  const { run, metrics } = await measure(runner, lab, { ...plain.subject, texts }, seed, options);
  const changed = guard.restore();
  const outcome =
    changed.length > 0
      ? tampered(lab.files[0] ?? '', changeInWords(changed))
      : plain.asGiven(explain(run, plain.subject.files));
  const { plays, charts, data } = playsOf(run);
  const virtualMs = Math.round(plays.reduce((sum, play) => sum + play.virtualMs, 0));
  return secretsFilter({ ...accountIn(workbook.root, process.env), ...process.env })({
    ...base,
    ...outcome,
    ...(texts.every((text) => text !== null) && { hash: hashTexts(texts) }),
    metrics,
    plays,
    charts,
    ...(Object.keys(data).length > 0 && { data }),
    virtualMs,
    wallMs: Math.round(run.wallMs),
    notes: await notes,
  });
}

/** A verdict where nothing was graded. */
export function ungradedVerdict(lab: Lab, subject: string, seed: number, message: string): Verdict {
  return { id: lab.id, key: lab.key, subject, seed, ...NOTHING, status: 'error', message };
}

/** What the compiler says of the learner's own files: for screens that show it after the verdict. */
export function notesFor(workbook: Workbook, lab: Lab): Promise<string[]> {
  return typeNotes(HOME, workbook.root, lab, learnerFiles(lab));
}

// --- helpers -----------------------------------------------------------------------------------------------------

const NOTHING = {
  place: null,
  checks: [],
  metrics: [],
  plays: [],
  charts: [],
  virtualMs: 0,
  wallMs: 0,
  notes: [],
};

function asideIn(root: string): string {
  return join(stateDir(root), 'backups', 'put-back');
}

function wantsTypes(subject: Subject): boolean {
  return subject.name !== 'before' && subject.name !== 'solution';
}

/** A mistake or a right answer that the course keeps may build on its solution. */
function isOfCourse({ files }: Subject, lab: Lab): boolean {
  const folder = dirname(solutionFiles(lab)[0] ?? '');
  return files.every((file) => file.startsWith(folder));
}

function textOf(file: string): string | null {
  // Asked first: opening a pipe would wait for its other end.
  return unusable(file) === undefined ? readFileSync(file, 'utf8') : null;
}

/** A lab for a longer time plays more, so its checks may take longer. */
const ORDINARY_MINUTES = 30;

async function measure(
  runner: Runner,
  lab: Lab,
  subject: Subject & { texts: (string | null)[] },
  seed: number,
  { workbook, progress, onCheck }: GradeOptions,
): Promise<{ run: RunResult; metrics: Metric[] }> {
  const key = beforeKey(HOME, lab, seed);
  const known = readBefore(workbook.root, key);
  const request = {
    checkFile: lab.checkFile,
    subjectFiles: subject.files,
    subjectTexts: subject.texts,
    ...(!isOfCourse(subject, lab) && { solution: dirname(solutionFiles(lab)[0] ?? '') }),
    beforeFiles: beforeFiles(lab),
    ...(subject.name === 'yours' && { restore: `npm run lab -- reset ${lab.id}` }),
    imports: importsFor(workbook, progress, lab, subject),
    seed,
    measureBefore: known === undefined,
    patience: Math.max(1, lab.minutes / ORDINARY_MINUTES),
  };
  const run = await runner.grade(request, onCheck);
  const metrics = metricsOf(run);
  // Half of the figures would be taken for all of them next time.
  if (known === undefined && isWhole(run)) writeBefore(workbook.root, key, metrics);
  return {
    run,
    metrics: metrics.map((metric) => ({ ...metric, before: known?.[metric.name] ?? metric.before })),
  };
}

function isWhole({ end }: RunResult): boolean {
  return end.how === 'done' && end.checks.some(({ report }) => report?.whole === true);
}

/** Each check reports all figures measured so far; the last word on each counts. */
function metricsOf({ end }: RunResult): Metric[] {
  if (end.how !== 'done' && end.how !== 'killed') return [];
  const byName = new Map<string, Metric>();
  for (const { report } of end.checks)
    for (const metric of report?.metrics ?? []) byName.set(metric.name, metric);
  return [...byName.values()];
}

/** The last check has seen all plays. */
function playsOf({ end }: RunResult): Pick<Verdict, 'plays' | 'charts'> & { data: Record<string, Json> } {
  const report = end.how === 'done' ? end.checks.at(-1)?.report : undefined;
  return { plays: report?.plays ?? [], charts: report?.charts ?? [], data: report?.data ?? {} };
}
