import { expect, test } from 'vitest';
import { columns, widthOf, wrap } from '../../lib/report/text.ts';

test('a text is as wide as its characters are on the screen, colours and links aside', () => {
  expect(widthOf('日本語')).toBe(6);
  expect(widthOf('\u001b[31mred\u001b[39m')).toBe(3);
  expect(widthOf('\u001b]8;;file:///a\u001b\\a.ts\u001b]8;;\u001b\\')).toBe(4);
});

test('a text is wrapped at spaces, within its width, with the indent on each line', () => {
  expect(wrap('one two  three\nfour', 9)).toBe('one two\nthree\nfour');
  expect(wrap('日本語 日本語', 8)).toBe('日本語\n日本語');
  expect(wrap('one two', 26, '      ')).toBe('      one two');
});

test('columns are aligned by width', () => {
  expect(
    columns([
      ['日本', 'a'],
      ['abcd', 'b'],
    ]),
  ).toEqual(['日本  a', 'abcd  b']);
});
