import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { type Mistake, materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { gradeHere } from '../course/grade-here.ts';

/**
 * The course proves its answers in one process; learners and teachers have theirs played in one and judged in another.
 * Both must come to the same. `WORKBOOK_ALL=1 npx vitest run --project long test/grader/agreement` grades every
 * answer that the course keeps, otherwise one mistake for each check.
 */
const ALL = process.env.WORKBOOK_ALL !== undefined;
const MOST_MS = 20 * 60_000;

const workbook = readWorkbook(resolve('.'));

/** Grades the labs of one part, in a file of its own: a process has one virtual clock, and two files take two cores. */
export function agreeOn(part: 0 | 1): void {
  const runner = createRunner({ root: workbook.root, env: process.env });
  afterAll(() => runner.close());
  test.each(allLabs(workbook).filter((_, i) => i % 2 === part))(
    '$id: the grader agrees with the proof in one process',
    async (lab) => {
      for (const { name, path, first } of await expected(lab)) {
        const progress = { version: 1 as const, labs: {}, quizzes: {} };
        const verdict = await gradeLab(runner, lab, { workbook, progress, subject: path, quick: true });
        const { status, checks, message } = verdict;
        const failed = checks.find((check) => check.status !== 'pass')?.name;
        expect
          .soft({ status, first: failed }, `${name}: ${message}`)
          .toEqual({ status: first === undefined ? 'passed' : 'failed', first });
      }
    },
    MOST_MS,
  );
}

interface Expected {
  name: string;
  path: string;
  /** Title of the first check that does not pass. */
  first: string | undefined;
}

async function expected(lab: Lab): Promise<Expected[]> {
  const starter = join(lab.solutionDir, 'before.ts');
  const { first } = await gradeHere(lab.checkFile, starter, 1, { toFirstFailure: true });
  const right = readdirSync(join(lab.solutionDir, 'right')).map((name) => `right/${name}`);
  return [
    { name: 'before.ts', path: starter, first: first?.title },
    ...[...lab.files.slice(0, 1), ...(ALL ? right : right.slice(0, 1))].map((name) => ({
      ...{ name, path: join(lab.solutionDir, name), first: undefined },
    })),
    ...chosen(readMistakes(lab)).map((mistake) => ({
      ...{ name: mistake.name, path: materialise(workbook.root, lab, mistake), first: mistake.rejectedBy },
    })),
  ];
}

function chosen(mistakes: readonly Mistake[]): readonly Mistake[] {
  return ALL
    ? mistakes
    : mistakes.filter(
        ({ rejectedBy }, at) => mistakes.findIndex((other) => other.rejectedBy === rejectedBy) === at,
      );
}
