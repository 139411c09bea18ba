import { get_encoding } from 'tiktoken';
import { expect, test } from 'vitest';
import { randomFor } from '#lib/provider';
import { countChatTokens } from '../../lib/provider/chat-tokens.ts';
import { composeAnswer } from '../../lib/provider/text.ts';
import { countTokens, splitIntoPieces } from '../../lib/provider/tokens.ts';

const TEXTS: Record<string, string> = {
  English: "The quick brown fox jumps over the lazy dog, doesn't it? I'LL say so.",
  German: 'Die Rindfleischetikettierungsüberwachungsaufgabenübertragung war früher Gesetz.',
  Japanese: '今日はとても良い天気ですね。散歩に行きましょう。',
  Chinese: '我们明天早上九点在图书馆门口见面，好吗？',
  Arabic: 'مرحبا، كيف حالك اليوم؟',
  Hindi: 'नमस्ते, आप कैसे हैं?',
  emoji: '👍🏽👨‍👩‍👧‍👦🇩🇪 ok ☀️🙂',
  code: 'export function f<T>(a: T[]): T | undefined {\n  return a.at(-1)?.["x"] ?? `y` + 12;\n}\n',
  JSON: '{"id": 12345, "name": "A\\u00e9", "list": [1, 2.5, null, true]}',
  UUID: '123e4567-e89b-12d3-a456-426614174000',
  spaces: '   a    b\t\tc \n\n\n   d\r\n\r\n e   ',
  digits: '1234567890 3.14159 1,000,000',
  'special tokens as text': '<|endoftext|> and <|im_start|>system',
  'a long run of one letter': 'a'.repeat(5000),
  'a long run of signs': '!?'.repeat(2000),
  'a long run of spaces': ' '.repeat(3000),
  'lone surrogates': 'a\ud800b\udc00c',
  'combining marks': 'e\u0301a\u0308o\u0302 Z\u0351\u036b\u0343',
  'a byte order mark and a next-line sign': 'a\ufeff b\u0085c \u0085\ufeff\u0085 d\ufeff\ufeff\n',
  'spaces of all kinds': '\u00a0\u1680\u2000\u2003 \u2028\u2029\u202f\u205f\u3000x\u180e\u200b\v\f',
  empty: '',
};

test.for(Object.keys(TEXTS))('counts what tiktoken counts: %s', (name) => {
  const text = TEXTS[name] as string;
  for (const encoding of ['o200k_base', 'cl100k_base'] as const)
    expect([encoding, countTokens(text, encoding)]).toEqual([encoding, byTiktoken(text, encoding)]);
});

test('counts what tiktoken counts on 2,000 random mixtures', () => {
  const random = randomFor('tokens');
  const parts = [...Object.values(TEXTS).filter((text) => text.length < 200), ...' \n\t.,\'"aZ9é漢🙂'];
  for (let i = 0; i < 2000; i += 1) {
    const text = Array.from({ length: 1 + random.int(6) }, () => random.pick(parts)).join(
      random.pick(['', ' ']),
    );
    const encoding = random.pick(['o200k_base', 'cl100k_base'] as const);
    expect([text, countTokens(text, encoding)]).toEqual([text, byTiktoken(text, encoding)]);
  }
});

test('texts without a space take time in proportion to their length', () => {
  const random = randomFor('base64');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const kinds = {
    'one letter': 'a',
    Thai: 'การพัฒนาระบบสารสนเทศเพื่อการจัดการเรียนรู้ของนักศึกษามหาวิทยาลัย',
    base64: Array.from({ length: 5000 }, () => letters[random.int(52)]).join(''),
    spaces: ' ',
  };
  for (const text of Object.values(kinds)) {
    // tiktoken's own search would take minutes for the second, so the first is what is compared with it.
    const short = text.repeat(Math.ceil(2000 / text.length));
    expect(countTokens(short, 'o200k_base')).toBe(byTiktoken(short, 'o200k_base'));
    expect(countTokens(text.repeat(Math.ceil(300_000 / text.length)), 'o200k_base')).toBeGreaterThan(1000);
  }
});

test('the pieces of a text are the text, and their tokens add up', () => {
  for (const text of Object.values(TEXTS)) {
    const pieces = splitIntoPieces(text, 'o200k_base');
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    expect(pieces.reduce((sum, piece) => sum + piece.tokens, 0)).toBe(countTokens(text, 'o200k_base'));
  }
});

test('an answer made of parts that were counted once has the pieces and the length of its whole text', () => {
  for (const encoding of ['o200k_base', 'cl100k_base'] as const)
    for (let i = 0; i < 200; i += 1) {
      const { text, pieces } = composeAnswer(randomFor('compose', i), 20 + i, encoding);
      expect(pieces).toEqual(splitIntoPieces(text, encoding));
    }
});

test('the example of the OpenAI cookbook is counted as published', () => {
  // "How to count tokens with tiktoken": 129 prompt tokens on gpt-4 and gpt-3.5-turbo, 124 on gpt-4o and gpt-4o-mini.
  const messages = [
    {
      role: 'system',
      content:
        'You are a helpful, pattern-following assistant that translates corporate jargon into plain English.',
    },
    {
      role: 'system',
      name: 'example_user',
      content: 'New synergies will help drive top-line growth.',
    },
    {
      role: 'system',
      name: 'example_assistant',
      content: 'Things working well together will increase revenue.',
    },
    {
      role: 'system',
      name: 'example_user',
      content:
        "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
    },
    {
      role: 'system',
      name: 'example_assistant',
      content: "Let's talk later when we're less busy about how to do better.",
    },
    {
      role: 'user',
      content: "This late pivot means we don't have time to boil the ocean for the client deliverable.",
    },
  ];
  expect(countChatTokens(messages, 'cl100k_base')).toBe(129);
  expect(countChatTokens(messages, 'o200k_base')).toBe(124);
});

function byTiktoken(text: string, encoding: 'o200k_base' | 'cl100k_base'): number {
  encoders[encoding] ??= get_encoding(encoding);
  return (encoders[encoding] as ReturnType<typeof get_encoding>).encode_ordinary(text).length;
}

const encoders: Partial<Record<string, ReturnType<typeof get_encoding>>> = {};
