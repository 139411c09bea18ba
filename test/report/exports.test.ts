import { expect, test } from 'vitest';
import { classroomPayload, ctrfReport, junitXml } from '../../lib/report/exports.ts';
import { failedVerdict, makeCheck, makeVerdict } from '../fixtures/verdict.ts';

test('JUnit has one suite a lab and one case a check, with the text escaped', () => {
  const odd = makeCheck({ name: 'a <b> & "c"', status: 'fail', message: 'no\u0000thing' });
  expect(junitXml([makeVerdict({ status: 'failed', checks: [makeCheck(), odd] })])).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="day1.1" tests="2" failures="1" errors="0" skipped="0" time="0.4">
        <testcase classname="day1.1" name="waits for every call" time="0.2"/>
        <testcase classname="day1.1" name="a &lt;b&gt; &amp; &quot;c&quot;" time="0.2">
          <failure message="nothing">nothing&#10;Again: npm run lab -- check day1.1 --seed 1</failure>
        </testcase>
      </testsuite>
    </testsuites>
    "
  `);
});

test('CTRF counts every check once and names its lab', () => {
  expect(ctrfReport([failedVerdict()], 1_000_000)).toMatchObject({
    reportFormat: 'CTRF',
    results: {
      summary: { tests: 3, passed: 1, failed: 1, skipped: 1, start: 999_600, stop: 1_000_000 },
      tests: [{ status: 'passed' }, { status: 'failed', suite: ['day1.1'] }, { status: 'skipped' }],
    },
  });
});

test('the Classroom payload gives a point for each check, and status and score agree', () => {
  const payload = JSON.parse(Buffer.from(classroomPayload([failedVerdict()]), 'base64').toString());
  expect(payload).toMatchObject({ version: 1, status: 'fail', max_score: 3 });
  expect(payload.tests.map((each: { status: string; score: number }) => [each.status, each.score])).toEqual([
    ['pass', 1],
    ['fail', 0],
    ['fail', 0],
  ]);
});

test('a lab that could not be graded is one error in every export, never nothing', () => {
  const verdict = makeVerdict({ status: 'error', message: 'fan-out.ts does not parse.', checks: [] });
  expect(junitXml([verdict])).toContain('tests="1" failures="0" errors="1"');
  expect(ctrfReport([verdict], 0)).toMatchObject({ results: { summary: { tests: 1, failed: 1 } } });
});
