import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import known from '../../lib/provider/known-pieces.json' with { type: 'json' };
import { countTokens } from '../../lib/provider/tokens.ts';

test('every stored count is the one that tiktoken gives', () => {
  const encoder = get_encoding('o200k_base');
  for (const [piece, count] of Object.entries(known.o200k_base))
    expect(encoder.encode_ordinary(piece).length, JSON.stringify(piece)).toBe(count);
  encoder.free();
});

test('up to three digits are one token in both encodings', () => {
  for (const name of ['o200k_base', 'cl100k_base'] as const) {
    const encoder = get_encoding(name);
    for (let digits = 1; digits <= 3; digits += 1)
      for (let n = 0; n < 10 ** digits; n += 1) {
        const text = String(n).padStart(digits, '0');
        expect(encoder.encode_ordinary(text).length, text).toBe(1);
        expect(countTokens(text, name)).toBe(1);
      }
    encoder.free();
  }
});
