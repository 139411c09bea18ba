import { appendFileSync, readFileSync } from 'node:fs';
import { test } from 'vitest';
import { gradeHere } from './grade-here.ts';

/** `npm run verify -- mutants` asks for these, and reads the verdicts as they come. */
const { memory, jobs } = JSON.parse(readFileSync(process.env.WORKBOOK_MUTANTS ?? '', 'utf8')) as {
  memory: string;
  jobs: { id: string; checkFile: string; file: string; seed: number }[];
};

test('each change of a solution is graded', async () => {
  for (const { id, checkFile, file, seed } of jobs) {
    const isPassed = await gradeHere(checkFile, file, seed, { toFirstFailure: true }).then(
      ({ first }) => first === undefined,
      () => false, // It cannot even be loaded.
    );
    appendFileSync(memory, `${id} ${isPassed}\n`);
  }
});
