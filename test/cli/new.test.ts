import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { gradeLab } from '../../lib/grader/grade.ts';
import { createRunner } from '../../lib/grader/runner.ts';
import { findLab } from '../../lib/workbook/find.ts';
import { readHints } from '../../lib/workbook/hints.ts';
import { materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import { readWorkbook } from '../../lib/workbook/workbook.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const PROVIDER = `import { defineProvider } from '#lib/provider';
export const provider = defineProvider({ deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini' } } });
`;
const fixture = makeWorkbook({ 'days/day1-basics/provider.ts': PROVIDER });
afterAll(() => fixture.remove());

test('a new lab is a lab at once: its starter fails, its answers pass, its mistakes fail where they say', async () => {
  const made = await program(fixture.root, ['new', 'day1', 'my-lab']);
  expect(made).toMatchObject({ code: 0, err: '' });
  const workbook = readWorkbook(fixture.root);
  const found = findLab(workbook, 'day1.3');
  if (!found.ok) throw new Error(found.problem);
  const lab = found.found;
  const runner = createRunner({ root: fixture.root, env: process.env });
  const progress = { version: 1 as const, labs: {}, quizzes: {} };
  const grade = (subject: string) => gradeLab(runner, lab, { workbook, progress, subject, quick: true });
  const right = readdirSync(join(lab.solutionDir, 'right')).map((name) =>
    join(lab.solutionDir, 'right', name),
  );

  expect((await grade('before')).status).toBe('failed');
  expect((await grade('solution')).status).toBe('passed');
  for (const answer of right) expect((await grade(answer)).status, answer).toBe('passed');
  const mistakes = readMistakes(lab);
  expect(mistakes.length).toBeGreaterThanOrEqual(3);
  for (const mistake of mistakes) {
    const first = (await grade(materialise(fixture.root, lab, mistake))).checks.find(
      (check) => check.status === 'fail',
    );
    expect(first?.name, mistake.name).toBe(mistake.rejectedBy);
  }
  runner.close();
  expect(readHints(lab).length).toBeGreaterThanOrEqual(3);
}, 60_000);

test('its task has the figures that were measured; what is left to do is marked', () => {
  const read = (path: string) => readFileSync(join(fixture.root, 'days/day1-basics/3-my-lab', path), 'utf8');
  expect(read('README.md')).toMatch(
    /\| seed 1 \| before \| solution \| target \| limit \|\n.+\n\| makespan \| [\d.]+ m?s \|/,
  );
  for (const path of ['README.md', 'hints.md', 'scenario.ts']) expect(read(path)).toContain('TODO');
});

test('what the author has not done is all that it lacks, and the last thing is one thing', async () => {
  const days = 'days/day1-basics/3-my-lab';
  const left = ['hints.md', 'scenario.ts', 'check.test.ts'].map((name) => `${days}/${name}`);
  for (const path of [...left, 'solutions/day1-basics/3-my-lab/NOTES.md'])
    fixture.write(path, readFileSync(join(fixture.root, path), 'utf8').replaceAll('TODO', 'Done'));
  const { out } = await program(fixture.root, ['prove', 'day1.3']);
  expect(out).toBe(
    `missing  ${days}/README.md still has a TODO.\nday1.3 lacks one thing, listed at the top.\n`,
  );
});

test.each([
  [['day1'], 'A day and a name are needed.'],
  [['day9', 'my-lab'], 'There is no day "day9". The days are day1.'],
  [['day1', 'My Lab'], '"My Lab" cannot be a name'],
  [['day1', '1-again'], 'day1 has a lab 1 already.'],
])('%j is answered with what is wrong, and nothing is written', async (words, problem) => {
  const before = readdirSync(join(fixture.root, 'days/day1-basics'));
  expect(await program(fixture.root, ['new', ...words])).toMatchObject({
    code: 2,
    err: expect.stringContaining(problem),
  });
  expect(readdirSync(join(fixture.root, 'days/day1-basics'))).toEqual(before);
});
