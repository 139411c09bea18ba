import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeWorkbook } from '../fixtures/workbook.ts';
import { program } from './program.ts';

const LAB = 'day1-basics/1-add';
const SOLVED = 'export async function add(a: number, b: number): Promise<number> {\n  return a + b;\n}\n';
const fixture = makeWorkbook({ [`solutions/${LAB}/add.ts`]: SOLVED });
const desk = join(fixture.root, '.workbook/desk', LAB, 'off-by-one.ts');
const patch = join(fixture.root, 'solutions', LAB, 'mistakes/off-by-one.patch');
const mistake = (...words: string[]) => program(fixture.root, ['mistake', ...words]);
const git = (...words: string[]) => execFileSync('git', words, { cwd: fixture.root });
const commit = () => {
  git('add', 'solutions');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x');
};

beforeAll(() => git('init', '-q'));
afterAll(() => fixture.remove());

test('a mistake is opened as a whole file, saved as a patch and graded', async () => {
  expect(await mistake('open', 'day1.1', 'off-by-one')).toMatchObject({ code: 0 });
  const opened = readFileSync(desk, 'utf8');
  expect(opened).toMatch(/^\/\*\n \* Belief: TODO[\s\S]* \*\/\n\nexport async function add/);
  const words = opened
    .replace('a + b', 'a + b + 1')
    .replace(/TODO: (what|the author)/g, '$1')
    .replace(/Rejected by: .*/, 'Rejected by: adds two numbers');
  fixture.write(`.workbook/desk/${LAB}/off-by-one.ts`, words);
  const saved = await mistake('save', 'day1.1', 'off-by-one');
  expect(saved).toMatchObject({ code: 0, out: expect.stringContaining('2 lines are different') });
  expect(saved.out).toContain('It is rejected first by "adds two numbers", as its header says:');
  expect(readFileSync(patch, 'utf8')).toContain('-  return a + b;\n+  return a + b + 1;\n');
  expect(existsSync(desk)).toBe(false);
  commit();
});

test('what was edited on the desk is not laid open anew', async () => {
  expect(await mistake('open', 'day1.1', 'off-by-one')).toMatchObject({ code: 0 });
  expect(await mistake('open', 'day1.1', 'off-by-one')).toMatchObject({ code: 0 });
  const edited = `${readFileSync(desk, 'utf8')}// mine\n`;
  writeFileSync(desk, edited);
  expect(await mistake('open', 'day1.1', 'off-by-one')).toMatchObject({
    code: 2,
    err: `.workbook/desk/${LAB}/off-by-one.ts is there already and is not the same. Save it (npm run mistake -- save day1.1 off-by-one), or delete it to begin again.\n`,
  });
  expect(readFileSync(desk, 'utf8')).toBe(edited);
  rmSync(desk);
});

test.each([
  ['a + b + 1;', 'a + b;\n  // No change to see.', 'No check rejects it'],
  ['adds two numbers', 'adds negative numbers', '"adds negative numbers" rejects it first'],
  ['a + b + 1;', 'a +', 'No check rejects it'],
  [' * Rejected', ' * Base: right\n * Rejected', 'it is a change of "right"'],
  ['Effect: ', 'Effect: TODO ', 'still has a TODO'],
  ['  return', '=======\n  return', 'still marks a conflict'],
  ['  return', '||||||| base\n  return', 'still marks a conflict'],
  ['Rejected by: adds two numbers', 'Whole: x\n * Rejected by: adds', 'rejects it first'],
])('with %j made %j it is not saved: course and desk stay as they were', async (words, others, problem) => {
  await mistake('open', 'day1.1', 'off-by-one');
  const edited = readFileSync(desk, 'utf8').replace(words, others);
  const kept = readFileSync(patch, 'utf8');
  writeFileSync(desk, edited);
  expect(await mistake('save', 'day1.1', 'off-by-one')).toMatchObject({
    code: 2,
    err: expect.stringContaining(problem),
  });
  expect(readFileSync(desk, 'utf8')).toBe(edited);
  expect(readFileSync(patch, 'utf8')).toBe(kept);
  expect(existsSync(patch.replace('.patch', '.ts'))).toBe(false);
  rmSync(desk);
});

test('saving what is not open, or wrongly named, says what to type', async () => {
  expect(await mistake('save', 'day1.1', 'off-by-one')).toMatchObject({
    code: 2,
    err: expect.stringContaining('npm run mistake -- open day1.1 off-by-one'),
  });
  expect(await mistake('save', 'day1.1', 'Off By')).toMatchObject({ code: 2 });
  expect(await mistake()).toMatchObject({ code: 2, err: expect.stringContaining('npm run mistake -- open') });
});

test('after a change elsewhere in the solution a rebase writes the patch anew', async () => {
  fixture.write(`solutions/${LAB}/add.ts`, `// Adds.\n${SOLVED}`);
  const rebased = await mistake('rebase', 'day1.1');
  expect(rebased).toMatchObject({
    code: 0,
    out: expect.stringContaining('off-by-one is brought up to date.'),
  });
  expect(readFileSync(patch, 'utf8')).toContain('@@ -2,3 +2,3 @@');
  commit();
});

test('where solution and mistake changed the same line only that conflict is shown, and can be mended', async () => {
  fixture.write(`solutions/${LAB}/add.ts`, `// Adds.\n${SOLVED.replace('a + b', 'b + a')}`);
  const rebased = await mistake('rebase', 'day1.1');
  expect(rebased).toMatchObject({ code: 1, out: expect.stringContaining('off-by-one is in conflict.') });
  expect(rebased.out).toMatch(/a \+ b \+ 1;[\s\S]*=======\n.*b \+ a;/);
  expect(await mistake('save', 'day1.1', 'off-by-one')).toMatchObject({
    code: 2,
    err: expect.stringContaining('still marks a conflict'),
  });
  const mended = readFileSync(desk, 'utf8').replace(/<<<<<<<[\s\S]*>>>>>>> now\n/, '  return b + a + 1;\n');
  writeFileSync(desk, mended);
  expect(await mistake('rebase', 'day1.1')).toMatchObject({
    code: 1,
    out: expect.stringContaining('off-by-one.ts is there already and is not the same. Save it'),
  });
  expect(readFileSync(desk, 'utf8')).toBe(mended);
  expect(await mistake('save', 'day1.1', 'off-by-one')).toMatchObject({ code: 0 });
  expect(await mistake('rebase', 'day1.1')).toMatchObject({ code: 0 });
});

test('a patch of a solution that was never committed, or one that is broken, says what to do', async () => {
  fixture.write(`solutions/${LAB}/add.ts`, SOLVED.replace('a + b', '(a + b) * 1'));
  fixture.write(`solutions/${LAB}/mistakes/broken.patch`, 'Belief: a\nEffect: b\nRejected by: c\n');
  const { code, out } = await mistake('rebase', 'day1.1');
  expect(code).toBe(1);
  expect(out).toMatch(
    /versions of solutions\/\S+\/add.ts in git, so the one that it was written on was never committed. Bring that one back, commit it/,
  );
  expect(out).toContain('broken cannot be brought up to date: line 4 should be "--- add.ts"');
});

test('what a lab lacks is proved without colours where there is no terminal', async () => {
  const env = { NO_COLOR: undefined, FORCE_COLOR: undefined };
  const { out, err } = await program(fixture.root, ['prove', 'day1.1'], { env });
  expect(out).toMatch(/missing {2}solutions\/\S+broken.patch does not apply[\s\S]*lacks \d+ things/);
  expect(out + err).not.toContain('\u001b');
});
