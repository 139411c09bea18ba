import { expect, test } from 'vitest';
import type { Progress, Score } from '../../lib/workbook/progress.ts';
import { bestOf, pointsIn, recordScore, scoresOf } from '../../lib/workbook/scores.ts';

const KEY = 'day5-nodejs/8-contentflow';

function makeProgress(): Progress {
  return { version: 1, labs: {}, quizzes: {} };
}

function makeScore(score: number, seed = 1): Score {
  return { at: '2026-03-01T10:00:00.000Z', seed, score, reference: 80, limit: 100 };
}

test('a score is told beside the best so far, the reference and the limit', () => {
  const progress = makeProgress();
  recordScore(progress, KEY, makeScore(74));
  expect(recordScore(progress, KEY, makeScore(71))).toEqual({
    ...{ score: 71, best: 74, reference: 80, limit: 100 },
  });
  expect(recordScore(progress, KEY, makeScore(77))).toMatchObject({ score: 77, best: 77 });
});

test('scores of another seed are no measure for this one', () => {
  const progress = makeProgress();
  recordScore(progress, KEY, makeScore(90, 7));
  expect(recordScore(progress, KEY, makeScore(60, 1))).toMatchObject({ best: 60 });
  expect(bestOf(scoresOf(progress, KEY), 7)?.score).toBe(90);
});

test('the same answer checked again is one attempt', () => {
  const progress = makeProgress();
  for (const _ of Array(3)) recordScore(progress, KEY, makeScore(70));
  expect(scoresOf(progress, KEY)).toHaveLength(1);
});

test('only so many scores are kept, and the best among them however old it is', () => {
  const progress = makeProgress();
  recordScore(progress, KEY, makeScore(99));
  for (let at = 0; at < 500; at += 1) recordScore(progress, KEY, makeScore(50 + (at % 2)));
  expect(scoresOf(progress, KEY)).toHaveLength(201);
  expect(bestOf(scoresOf(progress, KEY), 1)?.score).toBe(99);
});

test('what is no score in the progress is left out', () => {
  const progress = makeProgress();
  progress.labs[KEY] = { scores: [null, 'x', { ...makeScore(70), score: '70' }, makeScore(60)] as Score[] };
  expect(scoresOf(progress, KEY)).toEqual([makeScore(60)]);
  progress.labs[KEY] = { scores: {} as Score[] };
  expect(scoresOf(progress, KEY)).toEqual([]);
});

test.each([
  [undefined],
  [{}],
  [{ best: null }],
  [{ best: { score: 1, reference: 2 } }],
  [{ best: { score: 'a' } }],
])('data without whole points, such as %j, keep no score', (data) => {
  expect(pointsIn(data)).toBeUndefined();
});
