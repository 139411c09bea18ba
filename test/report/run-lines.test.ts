import { expect, test } from 'vitest';
import { createRunPrinter } from '../../lib/report/run-lines.ts';
import { createStyle } from '../../lib/report/style.ts';
import type { RunEvent } from '../../lib/workbook/run-events.ts';

const plain = createStyle({ columns: 80 }, {});

/** What is written for these events, one after the other. */
function written(...events: RunEvent[]): string {
  const printer = createRunPrinter(plain);
  return events.map((event) => printer.print(event)).join('');
}

const asked = (id: number): RunEvent => ({ event: 'asked', id, atMs: 0, prompt: 'What  is\nit?' });
const text = (id: number, words: string): RunEvent => ({
  event: 'text',
  id,
  atMs: 500,
  text: words,
  whole: false,
});
const ended = (how: 'complete' | 'stopped' | 'failed', status: number): RunEvent => ({
  ...{ event: 'ended', id: 1, atMs: 1000, how, status },
});

test('a single answer is written word by word, and its end on a line of its own', () => {
  expect(written(asked(1), text(1, 'So '), text(1, 'be it.'), ended('complete', 200))).toBe(
    '   0.00 s  #1 asks: What is it?\n   0.50 s  #1 says: So be it.\n   1.00 s  #1 complete\n',
  );
});

test('of answers that come at the same time only the first words are shown', () => {
  const lines = written(asked(1), asked(2), text(1, 'So '), text(2, 'Or '), text(1, 'be it.'));
  expect(lines.split('\n').slice(2)).toEqual(['   0.50 s  #1 says: So…', '   0.50 s  #2 says: Or…', '']);
});

test.each([
  ['stopped', 200, 'stopped by your code'],
  ['failed', 429, 'refused with status 429'],
  ['failed', 200, 'broken off: the connection was lost in the middle of the answer'],
  ['failed', 0, 'failed: no answer came'],
] as const)('a call that %s with status %i: %s', (how, status, words) => {
  expect(written(ended(how, status))).toBe(`   1.00 s  #1 ${words}\n`);
});
