import { expect, test } from 'vitest';
import { createProvider, modelFor, quick, SIMULATED_KEY } from '#lib/provider';
import { parseInSteps, TooMuch } from '../../lib/provider/json-in-steps.ts';
import { randomFor } from '../../lib/provider/random.ts';
import { atOnce, createTurns } from '../../lib/provider/steps.ts';

function read(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: parse(text) };
  } catch {
    return 'refused';
  }
}

const LONG_TEXTS = ['a', '\\n', '\\"', '\\\\', '\\u00e4', 'so many words ', 'ä—😀', '\\\\\\"'].map(
  (piece) => `"${piece.repeat(Math.ceil(300_000 / piece.length))}"`,
);

/** A value as JSON, with long strings and lists here and there. */
function drawn(random: ReturnType<typeof randomFor>, depth: number): string {
  const pad = random.next() < 0.1 ? ' \n' : '';
  const kind = random.int(depth > 3 ? 4 : 7);
  if (kind === 0) return `${pad}${random.int(1000)}${pad}`;
  if (kind === 1) return ['true', 'null', '-1.5e3', '"say \\"it\\""'][random.int(4)] as string;
  if (kind === 2) return `"text ${random.int(100)}, [with] {brackets}"`;
  if (kind === 3) return random.next() < 0.2 ? (LONG_TEXTS[random.int(LONG_TEXTS.length)] as string) : '{}';
  const length = random.next() < 0.1 ? 9000 : random.int(6);
  const item = (i: number) => (length > 100 ? `[${i}]` : drawn(random, depth + 1));
  if (kind === 4) return `[${Array.from({ length }, (_, i) => item(i)).join(`,${pad}`)}${pad}]`;
  const name = (i: number) => (random.next() < 0.05 ? '__proto__' : `n${random.next() < 0.1 ? 0 : i}`);
  return `{${pad}${Array.from({ length }, (_, i) => `"${name(i)}"${pad}:${item(i)}`).join(',')}}`;
}

test('a text read in steps gives what JSON.parse gives, also where it is spoilt', () => {
  const random = randomFor('json in steps');
  let long = 0;
  for (let round = 0; round < 25; round += 1) {
    const text = `${drawn(random, 0)}${random.next() < 0.1 ? ' ' : ''}`;
    if (text.length > 100_000) long += 1;
    const spoilt = [text, text.slice(0, random.int(text.length + 1))];
    for (const odd of [',', ']', '"', ' 1 ', ':']) {
      const at = random.int(text.length + 1);
      spoilt.push(text.slice(0, at) + odd + text.slice(at));
      const comma = text.indexOf(',', at);
      if (comma >= 0) spoilt.push(text.slice(0, comma) + odd + text.slice(comma + 1));
    }
    for (const each of spoilt) {
      const expected = read(JSON.parse, each);
      // As texts, as it matters in which order the fields stand.
      expect(JSON.stringify(read((it) => atOnce(parseInSteps(it)), each)) === JSON.stringify(expected)).toBe(
        true,
      );
    }
  }
  expect(long).toBeGreaterThan(3);
});

test.for([
  ['many tiny lists', `[${'[],'.repeat(300_000)}[]]`],
  ['a long string', `{"a":[{"b":${LONG_TEXTS[2]}}]}`],
  ['many escapes', `"${'\\"'.repeat(400_000)}"`],
] as const)('reading %s takes many short steps', ([, text]) => {
  const steps = parseInSteps(text);
  let count = 0;
  let step = steps.next();
  for (; !step.done; step = steps.next()) count += 1;
  expect(count).toBeGreaterThan(text.length / 200_000);
  expect(JSON.stringify(step.value) === JSON.stringify(JSON.parse(text))).toBe(true);
});

test('what is nested more deeply than any request is not read to its end', () => {
  expect(() => atOnce(parseInSteps(`${'['.repeat(2000)}${']'.repeat(2000)}`))).toThrow(TooMuch);
});

test('a port answers a long body as any other, and refuses one that is too much', async () => {
  const pause = createTurns(() => performance.now(), setImmediate);
  const clock = { now: () => performance.now(), sleep: async () => {} };
  const plan = { deployments: { small: {} } };
  const provider = createProvider({ plan, seed: 1, clock, ledger: 'totals', pause });
  const send = async (messages: unknown) => {
    const { status } = await provider.fetch('https://api.openai.com/v1/chat/completions', {
      method: 'POST',
      headers: { authorization: `Bearer ${SIMULATED_KEY}` },
      body: JSON.stringify({ ...quick(modelFor('small')), messages }),
    });
    return status;
  };
  const turns = (count: number) => Array.from({ length: count }, () => ({ role: 'user', content: 'Hi' }));
  const long = [{ role: 'user', content: 'so many "words"\n'.repeat(20_000) }];
  expect(await Promise.all([send(long), send(long), send(turns(2048))])).toEqual([200, 200, 200]);
  // portkey.ai, error library, 10026.
  expect(await send(turns(2049))).toBe(400);
  expect(await send(Array(1_000_002).fill([]))).toBe(400);
});
