import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Lane = 'fast' | 'core' | 'stretch';

/** One lab, as its two folders describe it. All paths are absolute; `key` and `file` use forward slashes. */
export interface Lab {
  /** Short name a person types: "day1.2". */
  readonly id: string;
  /** Name that survives new labs before it: "day1-latency/2-streaming". Progress is kept under it. */
  readonly key: string;
  readonly slug: string;
  readonly dayId: string;
  readonly title: string;
  readonly lane: Lane;
  readonly minutes: number;
  /** Titles of its steps, where it has more than one: the task's headings "### Step 1: …". */
  readonly steps: readonly string[];
  readonly dir: string;
  readonly solutionDir: string;
  /** Names of the files the learner edits: one, except in a capstone. The first is the one that `open` opens. */
  readonly files: readonly string[];
  readonly checkFile: string;
}

export interface Day {
  readonly id: string;
  readonly slug: string;
  readonly title: string;
  readonly dir: string;
  /** Path of the day's quiz, where it has one. */
  readonly quizFile: string | undefined;
  readonly labs: readonly Lab[];
}

export interface Workbook {
  readonly root: string;
  readonly days: readonly Day[];
}

/** Reads the workbook at `root`. The folders are the registration: there is no other list of labs. */
export function readWorkbook(root: string): Workbook {
  const days = numbered(join(root, 'days'), /^day(\d+)-/).map((slug) => readDay(root, slug));
  return { root, days };
}

export function allLabs(workbook: Workbook): Lab[] {
  return workbook.days.flatMap((day) => day.labs);
}

/** Paths of the learner's files. */
export function learnerFiles(lab: Lab): string[] {
  return lab.files.map((file) => join(lab.dir, file));
}

/** Path of the lab's scenario: a file, or the first file of a folder when it has several parts. */
export function scenarioFile(lab: Lab): string {
  const whole = join(lab.dir, 'scenario.ts');
  return existsSync(whole) ? whole : join(lab.dir, 'scenario', 'index.ts');
}

/** What a person is told about where to work: "days/day1-latency/1-fan-out/fan-out.ts". */
export function shownFile(lab: Lab): string {
  return `days/${lab.key}/${lab.files[0] ?? ''}`;
}

/** How checks and other labs import a learner's file. */
export function specifier(lab: Lab, file: string): string {
  return `#days/${lab.key}/${file}`;
}

// --- reading folders ---------------------------------------------------------------------------------------------

const ROLES = new Set(['check.test.ts', 'scenario.ts']);
const STEP_LINE = /^#+ Step \d+: (.+)$/gm;
const LANE_LINE = /^Lane:\s*(fast|core|stretch)\s*·\s*(\d+)(?:–\d+)?\s*minutes/m;

function readDay(root: string, slug: string): Day {
  const dir = join(root, 'days', slug);
  const id = `day${numberIn(slug)}`;
  const quizFile = join(dir, 'quiz.ts');
  return {
    id,
    slug,
    title: titleOf(dir) ?? slug,
    dir,
    quizFile: existsSync(quizFile) ? quizFile : undefined,
    labs: numbered(dir, /^(\d+)-/).map((lab) => readLab(root, id, slug, lab)),
  };
}

function readLab(root: string, dayId: string, daySlug: string, slug: string): Lab {
  const dir = join(root, 'days', daySlug, slug);
  const solutionDir = join(root, 'solutions', daySlug, slug);
  const task = textOf(join(dir, 'README.md'));
  const [, lane, minutes] = LANE_LINE.exec(task) ?? [];
  return {
    id: `${dayId}.${numberIn(slug)}`,
    key: `${daySlug}/${slug}`,
    slug,
    dayId,
    title: titleOf(dir) ?? slug,
    lane: (lane as Lane | undefined) ?? 'core',
    minutes: Number(minutes ?? 20),
    steps: [...task.matchAll(STEP_LINE)].map(([, title = '']) => title.trim()),
    dir,
    solutionDir,
    files: filesToEdit(dir, solutionDir),
    checkFile: join(dir, 'check.test.ts'),
  };
}

/** The solution names the files too, so that a file the learner has deleted is still known. */
function filesToEdit(dir: string, solutionDir: string): string[] {
  const solved = typescriptIn(solutionDir).filter((name) => name !== 'before.ts');
  const names = solved.length > 0 ? solved : typescriptIn(dir);
  return names.filter((name) => !ROLES.has(name)).sort();
}

function typescriptIn(dir: string): string[] {
  return entries(dir).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
}

function numbered(dir: string, pattern: RegExp): string[] {
  return entries(dir)
    .filter((name) => pattern.test(name))
    .sort((a, b) => numberIn(a) - numberIn(b));
}

function numberIn(slug: string): number {
  return Number(/\d+/.exec(slug)?.[0] ?? 0);
}

function titleOf(dir: string): string | undefined {
  return /^#\s+(.+)$/m.exec(textOf(join(dir, 'README.md')))?.[1]?.trim();
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function entries(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}
