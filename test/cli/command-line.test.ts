import { expect, test } from 'vitest';
import { plan } from '../../lib/cli/command-line.ts';

function planned(line: string, env: NodeJS.ProcessEnv = {}) {
  return plan(line.split(' ').filter(Boolean), env);
}

/** What npm sets when it runs a script, with the flags that it kept for itself. */
function npm(flags: Record<string, string>): NodeJS.ProcessEnv {
  const kept = Object.entries(flags).map(([name, value]) => [`npm_config_${name}`, value]);
  return { npm_lifecycle_event: 'lab', ...Object.fromEntries(kept) };
}

test('no arguments open the menu, a day opens it there', () => {
  expect(planned('')).toEqual({ name: 'menu' });
  expect(planned('day3')).toEqual({ name: 'menu', word: 'day3' });
});

test('check takes labs, a subject and a seed', () => {
  expect(planned('check day1.1 day2 --subject solution --seed 4 --json')).toMatchObject({
    command: 'check',
    words: ['day1.1', 'day2'],
    flags: { json: true, subject: 'solution', seed: 4 },
  });
  expect(planned('check day1')).toMatchObject({ flags: { seed: 1, json: false } });
});

test('a missing word, an unknown flag and a seed that is no number are answered with the usage', () => {
  expect(planned('check')).toMatchObject({
    name: 'usage',
    problem: expect.stringContaining('npm run lab -- check LAB'),
  });
  expect(planned('hint day1.1 --loud')).toMatchObject({
    name: 'usage',
    problem: expect.stringContaining("'--loud'"),
  });
  expect(planned('check day1 --seed x')).toMatchObject({
    name: 'usage',
    problem: expect.stringContaining('"x"'),
  });
});

test('a switch that npm kept for itself is recovered', () => {
  expect(planned('check day1', npm({ json: 'true' }))).toMatchObject({ flags: { json: true } });
  expect(planned('check day1', npm({ seed: '7' }))).toMatchObject({ flags: { seed: 7 } });
});

test('a value that npm tore from its flag is answered with the command to type', () => {
  expect(planned('check day3.2 5', npm({ seed: 'true' }))).toEqual({
    name: 'usage',
    problem: 'npm kept --seed for itself: flags come after "--". Type: npm run lab -- check day3.2 --seed 5',
  });
});
