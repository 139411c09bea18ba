import { expect, test } from 'vitest';
import { allVisible, plainJson, visible } from '../../lib/report/visible.ts';

const CLEAR = '\u001b[2J\u001b[H';
const LINK = '\u001b]8;;http://example.com\u0007click\u001b]8;;\u0007';

test('control sequences are shown and not obeyed', () => {
  expect(visible(`${CLEAR}gone`)).toBe('␛[2J␛[Hgone');
  expect(visible(LINK)).toBe('␛]8;;http://example.com␇click␛]8;;␇');
  expect(visible('a\u0000b\bc\rd\u007f\u009b1m')).toBe('a␀b␈c␍d␡\\u{9b}1m');
});

test('a mark that turns the writing round is shown', () => {
  expect(visible('x\u202etxt.exe')).toBe('x\\u{202e}txt.exe');
});

test('lines and tabs stay, and Windows line ends become plain ones', () => {
  expect(visible('one\r\n\ttwo\nthree 日本 é 🎓')).toBe('one\n\ttwo\nthree 日本 é 🎓');
});

test('colours stay where they are shown, and end with their line', () => {
  const text = '\u001b[31mred\u001b[2J\nnext';
  expect(visible(text, true)).toBe('\u001b[31mred␛[2J\u001b[0m\nnext');
  expect(visible(text, false)).toBe('␛[31mred␛[2J\nnext');
});

test('every text in a value is made visible, and nothing else changes', () => {
  expect(allVisible({ a: ['\u0007', 1, null], b: { c: '\u001b' } })).toEqual({
    a: ['␇', 1, null],
    b: { c: '␛' },
  });
});

test('JSON escapes what a terminal would obey, and says the same', () => {
  const told = { name: 'a\u009b31m', message: '\u202eb\u2028' };
  expect(plainJson(told)).toBe('{"name":"a\\u009b31m","message":"\\u202eb\\u2028"}');
  expect(JSON.parse(plainJson(told, 2))).toEqual(told);
});
