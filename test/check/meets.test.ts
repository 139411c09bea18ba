import { expect, test } from 'vitest';
import { CheckFailure, meets } from '../../lib/check/index.ts';
import { newSession, withSession } from '../../lib/check/session.ts';
import { inWordsApart, type Reading } from '../../lib/provider/metrics.ts';
import type { Run } from '../../lib/provider/scenario.ts';

/** What a check says of a run with this makespan, whose target is 4 s and whose limit is 3 s. */
async function said(value: number, about: Partial<Reading> = {}): Promise<string> {
  const makespan: Reading = { unit: 'ms', better: 'lower', target: 4000, limit: 3000, ...about, value };
  const run = { outcome: { ok: true, value: undefined }, readings: { makespan } } as unknown as Run<
    unknown,
    unknown
  >;
  try {
    await withSession(newSession({ seed: 1, declare: () => {} }), async () => meets(run, 'makespan'));
    return 'held';
  } catch (error) {
    return error instanceof CheckFailure
      ? `${error.message}. ${error.finding.help ?? ''}`.trim()
      : String(error);
  }
}

test('a figure between target and limit is held', async () => {
  expect(await said(4000)).toBe('held');
  expect(await said(3000)).toBe('held');
});

test('a figure that misses its target is told in as many digits as show it', async () => {
  expect(await said(4000.4)).toMatch(
    /^makespan was 4\.0004 s; expected at most 4 s \(no code can beat 3 s\)/,
  );
  expect(inWordsApart(0.7496, 0.75, 'share')).toEqual(['74.96 %', '75 %']);
  expect(inWordsApart(0.5, 0.75, 'share')).toEqual(['50 %', '75 %']);
});

test('a figure that no code can reach is a fault, not a feat', async () => {
  expect(await said(2900)).toMatch(
    /^makespan was 2\.9 s, which is better than any code can be; expected 3 s or more.*Was something left out/,
  );
  expect(await said(0.99, { unit: 'share', better: 'higher', target: 0.8, limit: 0.98 })).toMatch(
    /98 % or less/,
  );
});

test('a limit that is only the best known may be beaten', async () => {
  expect(await said(2900, { isBestKnown: true })).toBe('held');
  expect(await said(5000, { isBestKnown: true })).toContain('(the best known is 3 s)');
});
