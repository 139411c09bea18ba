import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeFailure, gradeHere } from './grade-here.ts';

const CHECK = resolve('days/day5-nodejs/3-two-providers/check.test.ts');
const CLIENT = 'solutions/day5-nodejs/3-two-providers/client.ts';

let folder: string;
beforeEach(() => {
  mkdirSync('.workbook', { recursive: true });
  folder = mkdtempSync(resolve('.workbook', 'first-edition-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('day 5: a client of the first edition, with a model and no effort of its own, still passes', async () => {
  const now = readFileSync(CLIENT, 'utf8');
  const then = now
    .replace('? OPENAI_MODEL :', "? (OPENAI_MODEL ?? 'gpt-4o-mini') :")
    .replace(' reasoning_effort,', '');
  expect(then).not.toContain(' reasoning_effort,');
  expect(then).toContain('gpt-4o-mini');
  const file = join(folder, 'client.ts');
  writeFileSync(file, then);
  const { first } = await gradeHere(CHECK, file, 1);
  expect(first, describeFailure(first)).toBeUndefined();
});
