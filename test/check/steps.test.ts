import { expect, test } from 'vitest';
import { check, hold, step } from '../../lib/check/index.ts';
import { runCheck } from '../../lib/check/run-check.ts';
import { type DeclaredCheck, newSession, withSession } from '../../lib/check/session.ts';
import { stepsDone } from '../../lib/workbook/verdict.ts';
import { makeCheck } from '../fixtures/verdict.ts';

const fails = () => hold(false, { happened: 'it was wrong', expected: 'it to be right' });
const passes = () => {};

/** How each check of a small lab ends: two in its first step, one in its second. */
async function outcomes(bodies: (() => void)[]): Promise<string[]> {
  const declared: DeclaredCheck[] = [];
  const session = newSession({ seed: 1, declare: (each) => declared.push(each) });
  await withSession(session, async () => {
    const [first = passes, second = passes, third = passes] = bodies;
    step(1);
    check('first', first);
    check('second', second);
    step(2);
    check('third', third);
  });
  const ended: string[] = [];
  for (const each of declared) {
    const outcome = await runCheck(each, session);
    ended.push(outcome.status === 'skipped' ? outcome.why : outcome.status);
  }
  return ended;
}

test('the checks of a later step wait for the steps before', async () => {
  expect(await outcomes([fails])).toEqual(['fail', 'pass', 'belongs to step 2; step 1 comes first']);
  expect(await outcomes([passes, passes, fails])).toEqual(['pass', 'pass', 'fail']);
});

test('a step is done when all checks up to its end pass', () => {
  const checks = (...states: ('pass' | 'fail' | 'skipped')[]) =>
    states.map((status, at) => makeCheck({ status, step: at < 2 ? 1 : 2 }));
  const done = (...states: ('pass' | 'fail' | 'skipped')[]) =>
    stepsDone({
      checks: checks(...states),
      status: states.every((each) => each === 'pass') ? 'passed' : 'failed',
    });
  expect(done('pass', 'fail', 'skipped')).toBe(0);
  expect(done('pass', 'pass', 'fail')).toBe(1);
  expect(done('pass', 'pass', 'pass')).toBe(2);
  expect(stepsDone({ checks: [], status: 'error' })).toBe(0);
});
