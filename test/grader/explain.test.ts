import { expect, test } from 'vitest';
import { explain } from '../../lib/grader/explain.ts';
import type { EndedCheck } from '../../lib/grader/protocol.ts';

const NO_FIGURES = { needs: [], metrics: [], plays: [], charts: [] };

function explained(...checks: EndedCheck[]) {
  const end = {
    how: 'done' as const,
    checks,
    declared: checks.map(({ title }) => title),
    loadErrors: [],
    unhandled: [],
  };
  return explain({ end, incidents: [], output: new Map(), wallMs: 0 }, ['/a.ts']);
}

/** What the learner reads of a check that failed with this finding. */
function messageOf(happened: string): string | null | undefined {
  const report = { ...NO_FIGURES, finding: { happened, expected: 'more' } };
  return explained({ title: 'works', state: 'failed', report }).checks[0]?.message;
}

test('a finding becomes a sentence, but a name of the code at its beginning is left as it is', () => {
  expect(messageOf('the provider refused 3 calls')).toBe('The provider refused 3 calls.');
  expect(messageOf('it returned nothing')).toBe('It returned nothing.');
  expect(messageOf('this was late')).toBe('This was late.');
  expect(messageOf('your code threw Error: no!')).toBe('Your code threw Error: no!');
  for (const named of [
    'tpotMs was null',
    'p95 TTFT was 3 s',
    'add returned 4',
    'stats() said 3',
    'ttft.p50 was 3',
    'fanOut took 3 s',
    'calls was 3 after a million calls',
  ])
    expect(messageOf(named)).toBe(`${named}.`);
});

test('the score counts what failed and what could not be judged', () => {
  const check = (state: EndedCheck['state']): EndedCheck => ({ title: state, state, report: NO_FIGURES });
  const score = (...states: EndedCheck['state'][]) => explained(...states.map(check)).message;
  expect(score('passed', 'failed')).toBe('1 of 2 checks failed.');
  expect(score('failed', 'skipped', 'skipped', 'passed')).toBe(
    '1 of 4 checks failed, 2 could not be judged.',
  );
});
