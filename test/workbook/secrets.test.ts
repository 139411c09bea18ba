import { expect, test } from 'vitest';
import { filteredPieces, secretsFilter } from '../../lib/workbook/secrets.ts';

const clean = secretsFilter({ CLASS_TOKEN: 'correct-horse-battery', EDITOR: 'correct-editor' });

function inPieces(...pieces: string[]): string[] {
  const passed: string[] = [];
  const stream = filteredPieces(clean, (text) => passed.push(text));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  return passed;
}

test('a value of a secret-looking variable and what looks like a key are hidden, at any depth', () => {
  const key = `sk-${'a1'.repeat(10)}`;
  expect(clean({ a: ['it is correct-horse-battery'], [key]: `${key}, correct-editor` })).toEqual({
    a: ['it is (a secret)'],
    '(a secret)': '(a secret), correct-editor',
  });
});

test('a secret that comes in two pieces is hidden', () => {
  expect(inPieces('it is correct-ho', 'rse-battery, no', ' more').join('')).toBe('it is (a secret), no more');
});

test('what cannot be half a secret is passed on at once', () => {
  const passed: string[] = [];
  filteredPieces(clean, (text) => passed.push(text)).write('first line\nsecond ');
  expect(passed).toEqual(['first line\nsecond ']);
});
