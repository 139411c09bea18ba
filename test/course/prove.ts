import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { inWords, isImpossible } from '../../lib/provider/metrics.ts';
import { brokenPremises, type Premise } from '../../lib/provider/premises.ts';
import { type Mistake, materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import { type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { describeFailure, type Graded, gradeHere } from './grade-here.ts';
import { writeKnownPieces } from './known-pieces.ts';
import { cellsOf, REPRINTS, reprintRows, textsBeside } from './reprint.ts';

/** One seed in `npm test`; `npm run verify` asks for twenty. */
export const SEEDS = Array.from({ length: Number(process.env.WORKBOOK_SEEDS ?? 1) }, (_, i) => i + 1);
/** What is right is right on every seed; a mistake is told apart on few. */
const MISTAKE_SEEDS = process.env.WORKBOOK_ALL === undefined ? SEEDS.slice(0, 3) : SEEDS;
/** Where to note what another catalogue moves, and whose premises it breaks. */
const MOVED = process.env.WORKBOOK_MOVED;
const PREMISES = 'its premises hold';
/** What is printed is what the shipped catalogue gives. */
const SHIPPED = !process.env.WORKBOOK_CATALOGUE;
/** The seed whose figures the tasks print. */
const PRINTED_SEED = 1;
/** `npm test` grades one right answer of each lab, and of each check one mistake that it is the first to reject. */
const EVERY_ANSWER = SEEDS.length > 1 || !SHIPPED;

/** Days whose answers the build plays on all seeds; on the others it has time for ten. */
const SHORT = ['day1', 'day2'];

export interface ProofOptions {
  /** Which labs of the day, by key. Default: all. */
  labs?: (key: string) => boolean;
  /** On which seeds answers are graded. Default: all, in the build ten of the longer days. */
  seeds?: readonly number[];
  /** Told of each answer that was graded. */
  onGraded?: (file: string, seed: number, graded: Graded) => void;
}

/** Proves the labs of a day: starters fail, right answers pass, mistakes are rejected where they say, figures are true. */
export function proveDay(slug: string, { labs = () => true, onGraded, ...options }: ProofOptions = {}): void {
  const day = readWorkbook(resolve('.')).days.find((candidate) => candidate.slug === slug);
  if (!day) throw new Error(`No day "${slug}" in the workbook.`);
  const { seeds = SEEDS.slice(0, process.env.WORKBOOK_ALL || SHORT.includes(day.id) ? undefined : 10) } =
    options;
  afterAll(writeKnownPieces);
  for (const lab of day.labs.filter(({ key }) => labs(key))) {
    describe(`${lab.id} ${lab.key}`, () => {
      /** What the lab relies on and does not get; nothing else of it can be proved then. */
      const premises: { broken: string[] } = { broken: [] };
      test(PREMISES, async () => {
        const all = await premisesOf(lab);
        // They are quoted within a sentence.
        for (const { says } of all) expect(says).not.toMatch(/\.$/);
        premises.broken = brokenPremises(all);
        if (SHIPPED) expect(premises.broken).toEqual([]);
        else for (const says of premises.broken) note(lab, 'premise', says);
      });
      beforeEach(({ skip, task }) => {
        const { broken } = premises;
        if (task.name !== PREMISES) skip(broken.length > 0, broken.join('; '));
      });
      for (const seed of seeds) proveLab(lab, seed, onGraded);
    });
  }
}

async function premisesOf(lab: Lab): Promise<readonly Premise[]> {
  const file = ['scenario.ts', 'scenario/index.ts'].map((name) => join(lab.dir, name)).find(existsSync);
  const { premises = [] } = file ? await import(/* @vite-ignore */ file) : {};
  return premises;
}

function proveLab(lab: Lab, seed: number, onGraded: ProofOptions['onGraded']): void {
  const on = `(seed ${seed})`;
  const grade = async (file: string) => {
    const graded = await gradeHere(lab.checkFile, join(lab.solutionDir, file), seed);
    onGraded?.(file, seed, graded);
    return graded;
  };
  let naive: Graded | undefined;

  test(`the starter fails ${on}`, async () => {
    const before = await grade('before.ts');
    naive = before;
    expect(before.first, 'the starter passes every check, so there is nothing to do').toBeDefined();
    for (const { outcome } of before.checks)
      if (outcome.status === 'fail')
        expect(String(outcome.error)).not.toMatch(/^(Type|Reference|Syntax)Error/);
  });

  for (const file of [...lab.files.slice(0, 1), ...rightAnswers(lab)]) {
    test(`${file} passes ${on}`, async () => {
      const graded = await grade(file);
      expect(graded.first, describeFailure(graded.first)).toBeUndefined();
      for (const { name, yours, ...metric } of graded.metrics.values()) {
        // Points add the other figures up.
        if (name !== 'score')
          expect(graded.judged, `no check holds the figure "${name}" to its target`).toContain(name);
        expect(isImpossible({ ...metric, value: yours }), `${name} is ${yours}: its limit is wrong`).toBe(
          false,
        );
      }
      if (seed === PRINTED_SEED && file === lab.files[0])
        (SHIPPED ? expectPrintedFigures : noteMoved)(lab, graded, naive ?? (await grade('before.ts')));
    });
  }

  if (!MISTAKE_SEEDS.includes(seed)) return;
  for (const mistake of mistakesOf(lab)) {
    test(`mistakes/${mistake.name} is rejected first by "${mistake.rejectedBy}" ${on}`, async () => {
      const path = materialise(resolve('.'), lab, mistake);
      const graded = await gradeHere(lab.checkFile, path, seed, { toFirstFailure: true });
      onGraded?.(`mistakes/${mistake.name}`, seed, graded);
      expect(graded.first?.title ?? 'no check', describeFailure(graded.first)).toBe(mistake.rejectedBy);
    });
  }
}

function rightAnswers(lab: Lab): string[] {
  const all = readdirSync(join(lab.solutionDir, 'right')).map((name) => `right/${name}`);
  return EVERY_ANSWER ? all : all.slice(0, 1);
}

function mistakesOf(lab: Lab): Mistake[] {
  const all = readMistakes(lab);
  const isFirst = ({ rejectedBy }: Mistake, at: number) =>
    all.findIndex((each) => each.rejectedBy === rejectedBy) === at;
  return EVERY_ANSWER ? all : all.filter(isFirst);
}

function note({ id }: Lab, ...words: string[]): void {
  if (MOVED) appendFileSync(MOVED, `${[id, ...words].join('\t')}\n`);
}

/** What another catalogue would have printed otherwise, a line each, for `npm run verify -- catalogue`. */
function noteMoved(lab: Lab, solution: Graded, before: Graded): void {
  const printed = readFileSync(join(lab.dir, 'README.md'), 'utf8').split('\n');
  for (const row of rowsOf(solution, before)) {
    const cells = cellsOf(row);
    const old = printed.find((line) => cellsOf(line)[1] === cells[1]);
    if (old !== undefined && old !== row)
      note(lab, cells[1] ?? '', cellsOf(old).slice(2, -1).join(' '), '→', cells.slice(2, -1).join(' '));
  }
}

/** A task prints, for each of its figures, the line that the simulator gives on the printed seed. */
function expectPrintedFigures(lab: Lab, solution: Graded, before: Graded): void {
  const task = join(lab.dir, 'README.md');
  const rows = rowsOf(solution, before);
  if (REPRINTS) reprintRows({ task, others: textsBeside(lab) }, rows);
  const printed = readFileSync(task, 'utf8');
  for (const row of rows) expect(printed).toContain(row);
}

/** The lines of the table: before, solution, target, limit. */
function rowsOf(solution: Graded, before: Graded): string[] {
  return [...solution.metrics.values()].map(({ name, unit, target, limit, yours }) => {
    const naive = before.metrics.get(name)?.yours;
    const cells = [naive ?? null, yours, target, limit].map((value) =>
      value === null ? '–' : inWords(value, unit),
    );
    return `| ${[name, ...cells].join(' | ')} |`;
  });
}
