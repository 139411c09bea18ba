import { expect, test } from 'vitest';
import { keyOf } from '../lib/mutants/lists.ts';
import { mutantsOf, mutated } from '../lib/mutants/mutate.ts';

const PROGRAM = `import { x } from 'y';
export interface Shape { kind: 1; run(n: number): void }
const LIMIT: 3 | 4 = 3;
export async function add(a: number, b = 1): Promise<number> {
  // 5 < 6
  if (a < LIMIT && !done) throw new Error("no - 1");
  while (open()) i++;
  await x('1 + 2' + a);
  return a + b;
}
`;

const changes = mutantsOf(PROGRAM).map((mutant) => keyOf(PROGRAM, mutant));

test('operators, constants, conditions, awaits and statements are each changed in one place', () => {
  expect(changes).toEqual([
    '`top`: `const LIMIT: 3 | 4 = «3»;` → `6`',
    '`add`: `export async function add(a: number, b = «1»): Promise<number> {` → `0`',
    '`add`: `if («a < LIMIT && !done») throw new Error("no - 1");` → `true`',
    '`add`: `if («a < LIMIT && !done») throw new Error("no - 1");` → `false`',
    '`add`: `if (a «<» LIMIT && !done) throw new Error("no - 1");` → `<=`',
    '`add`: `if (a < LIMIT «&&» !done) throw new Error("no - 1");` → `||`',
    '`add`: `if (a < LIMIT && «!»done) throw new Error("no - 1");` → ``',
    '`add`: `if (a < LIMIT && !done) «throw new Error("no - 1");»` → `;`',
    '`add`: `while («open()») i++;` → `false`',
    '`add`: `while (open()) «i++;»` → `;`',
    '`add`: `while (open()) i«++»;` → `--`',
    "`add`: `«await »x('1 + 2' + a);` → ``",
    "`add`: `«await x('1 + 2' + a);»` → `;`",
    '`add`: `return a «+» b;` → `-`',
  ]);
});

test('each change leaves a program that parses, and differs in that place alone', () => {
  for (const mutant of mutantsOf(PROGRAM)) {
    const text = mutated(PROGRAM, mutant);
    expect(() => mutantsOf(text)).not.toThrow();
    expect(text.slice(0, mutant.start)).toBe(PROGRAM.slice(0, mutant.start));
    expect(text.slice(mutant.start + mutant.becomes.length)).toBe(PROGRAM.slice(mutant.end));
  }
});
