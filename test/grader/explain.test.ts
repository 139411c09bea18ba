import { expect, test } from 'vitest';
import { explain } from '../../lib/grader/explain.ts';
import type { EndedCheck } from '../../lib/grader/protocol.ts';

/** What the learner reads of a check that failed with this finding. */
function messageOf(happened: string): string | null | undefined {
  const report = { needs: [], metrics: [], plays: [], charts: [], finding: { happened, expected: 'more' } };
  const check: EndedCheck = { title: 'works', state: 'failed', report };
  const end = { how: 'done' as const, checks: [check], loadErrors: [], unhandled: [] };
  return explain({ end, incidents: [], output: new Map(), wallMs: 0 }, ['/a.ts']).checks[0]?.message;
}

test('a finding becomes a sentence, but a name of the code at its beginning is left as it is', () => {
  expect(messageOf('the provider refused 3 calls')).toBe('The provider refused 3 calls.');
  expect(messageOf('it returned nothing')).toBe('It returned nothing.');
  expect(messageOf('your code threw Error: no!')).toBe('Your code threw Error: no!');
  for (const named of [
    'tpotMs was null',
    'p95 TTFT was 3 s',
    'add returned 4',
    'stats() said 3',
    'ttft.p50 was 3',
  ])
    expect(messageOf(named)).toBe(`${named}.`);
});
