import { expect, test } from 'vitest';
import { measuredOf, recordMeasured } from '../../lib/workbook/measured.ts';
import type { Measured, Progress } from '../../lib/workbook/progress.ts';
import { makeMetric, makeRecord } from '../fixtures/run-record.ts';
import { makeVerdict } from '../fixtures/verdict.ts';

const LAB = { id: 'day1.1', key: 'day1-latency/1-fan-out' };
const AT = new Date('2026-03-01T10:00:00.000Z');

function makeProgress(): Progress {
  return { version: 1, labs: {}, quizzes: {} };
}

/** A verdict whose one figure is `yours`. */
function verdict(status: 'passed' | 'failed', yours: number) {
  return makeVerdict({ status, metrics: [makeMetric({ yours })] });
}

function kept(progress: Progress): number | undefined {
  return measuredOf(progress, LAB, [])?.metrics[0]?.yours;
}

test('the figures of the last pass are kept; a later failure does not replace them', () => {
  const progress = makeProgress();
  recordMeasured(progress, LAB.key, verdict('failed', 9), AT);
  expect(kept(progress)).toBe(9);
  recordMeasured(progress, LAB.key, verdict('passed', 3), AT);
  recordMeasured(progress, LAB.key, verdict('failed', 8), AT);
  expect(kept(progress)).toBe(3);
  recordMeasured(progress, LAB.key, verdict('passed', 2), AT);
  expect(kept(progress)).toBe(2);
});

test('a try that measured nothing is not kept', () => {
  const progress = makeProgress();
  recordMeasured(progress, LAB.key, makeVerdict({ status: 'error', metrics: [] }), AT);
  expect(measuredOf(progress, LAB, [])).toBeUndefined();
});

test('data are kept with the figures, unless they are too long for the progress', () => {
  const progress = makeProgress();
  recordMeasured(progress, LAB.key, makeVerdict({ data: { rows: [1] } }), AT);
  expect(measuredOf(progress, LAB, [])?.data).toEqual({ rows: [1] });
  recordMeasured(progress, LAB.key, makeVerdict({ data: { text: 'x'.repeat(200_000) } }), AT);
  expect(measuredOf(progress, LAB, [])).toMatchObject({ passed: true });
  expect(measuredOf(progress, LAB, [])?.data).toBeUndefined();
});

test('where the progress has none, the runs are asked: the last pass, else the last try', () => {
  const run = (status: 'passed' | 'failed', yours: number, more = {}) =>
    makeRecord({ status, metrics: [makeMetric({ yours })], ...more });
  const others = [run('passed', 1, { subject: 'solution' }), run('passed', 1, { command: 'benchmark' })];
  const found = (records: ReturnType<typeof run>[]) =>
    measuredOf(makeProgress(), LAB, [...records, ...others])?.metrics[0]?.yours;
  expect(found([run('passed', 3), run('failed', 9)])).toBe(3);
  expect(found([run('failed', 8), run('failed', 9)])).toBe(9);
  expect(found([])).toBeUndefined();
});

test('an entry that was damaged by hand is as if it were not there, and so is a figure without a value', () => {
  const progress = makeProgress();
  for (const measured of [{ metrics: 1 }, { at: 'x', seed: 1 }, 'x'] as unknown as Measured[]) {
    progress.labs[LAB.key] = { measured };
    expect(measuredOf(progress, LAB, [])).toBeUndefined();
  }
  const metrics = [null, makeMetric({ yours: Number.POSITIVE_INFINITY }), makeMetric()];
  const measured = JSON.parse(JSON.stringify({ at: 'x', seed: 1, passed: true, metrics })) as Measured;
  progress.labs[LAB.key] = { measured };
  expect(measuredOf(progress, LAB, [])?.metrics).toEqual([makeMetric()]);
});
