import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { answered, type ReviewCard, soundCards } from '../../lib/workbook/review-cards.ts';
import { type Change, reviewRound } from '../../lib/workbook/review-round.ts';
import { allLabs, readWorkbook } from '../../lib/workbook/workbook.ts';

const DAY_MS = 86_400_000;
const NOW = new Date('2026-03-02T08:00:00Z');
const labs = allLabs(readWorkbook(resolve('.'))).filter(({ id }) =>
  ['day1.2', 'day1.3', 'day1.4'].includes(id),
);

/** Draws that are the same each time. */
function draws(): () => number {
  let state = 1;
  return () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function round(cards: Record<string, ReviewCard> = {}, now = NOW): Change[] {
  return reviewRound(labs, cards, now, draws());
}

test('a round is five to ten changes, one to three of them right, and none gives another away', () => {
  const changes = round();
  const right = changes.filter(({ mistake }) => !mistake);
  expect(changes.length).toBeGreaterThanOrEqual(5);
  expect(changes.length).toBeLessThanOrEqual(10);
  expect(right.length).toBeGreaterThanOrEqual(1);
  expect(right.length).toBeLessThanOrEqual(3);
  const mended = right.map(({ mends }) => mends?.file);
  expect(changes.filter(({ mistake }) => mistake && mended.includes(mistake.file))).toEqual([]);
});

test('every day has changes for which "nothing breaks" is the answer', () => {
  for (const day of readWorkbook(resolve('.')).days)
    expect(reviewRound(day.labs, {}, NOW, draws()).some(({ mistake }) => !mistake)).toBe(true);
});

test('each question has four options: the answer, two other checks and none of them, or three checks and none', () => {
  for (const { options, mistake } of round()) {
    expect(new Set(options).size).toBe(4);
    expect(options.at(-1)).toBeNull();
    if (mistake) expect(options).toContain(mistake.rejectedBy);
  }
});

test('what was told wrong comes back the next day, before what was told right', () => {
  const [first, second] = round();
  if (!first || !second) throw new Error('The round is empty.');
  const cards = {
    [first.key]: answered(undefined, false, NOW),
    [second.key]: answered(undefined, true, NOW),
  };
  const keys = (days: number) => round(cards, new Date(NOW.getTime() + days * DAY_MS)).map(({ key }) => key);
  expect(keys(0)).not.toContain(first.key);
  expect(keys(1)).toContain(first.key);
  expect(keys(1)).not.toContain(second.key);
});

test('where all was seen and nothing is due, the round is of what would be due first', () => {
  const all = new Set<string>();
  const cards: Record<string, ReviewCard> = {};
  for (let fresh = round(cards); fresh.some(({ key }) => !all.has(key)); fresh = round(cards))
    for (const { key } of fresh) {
      all.add(key);
      cards[key] = answered(cards[key], true, NOW);
    }
  expect(round(cards).length).toBeGreaterThanOrEqual(5);
});

test('cards that cannot be answered, and those from a clock that was set back since, are left out', () => {
  const card = answered(undefined, true, NOW);
  const future = answered(undefined, true, new Date(NOW.getTime() + 300 * DAY_MS));
  const edited = { ...card, state: 9 };
  const cards = { good: card, future, edited, bad: { due: 'soon' }, worse: null };
  expect(soundCards(cards, NOW)).toEqual({ good: card });
  expect(soundCards(undefined, NOW)).toEqual({});
});
