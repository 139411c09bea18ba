import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { dot } from '../../days/day3-caching/similarity.ts';
import { DECIMALS, isOfToday, QUESTIONS, vectorOf } from '../../days/day5-nodejs/contentflow/last-week.ts';
import { type Random, randomFor } from '../../lib/provider/random.ts';
import { REPRINTS } from './reprint.ts';

const FILE = 'days/day5-nodejs/contentflow/last-week.json';
const ROUNDS = 3;

test('day 5: the recorded pairs of last week are those that the embedder gives', () => {
  const pairs = Array.from({ length: ROUNDS }, (_, round) => pairsOf(randomFor('last week', round))).flat();
  if (REPRINTS) writeFileSync(FILE, `${JSON.stringify(pairs)}\n`);
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(pairs);
  expect(isOfToday()).toBe(true);
});

/** Half of the questions are stored, the other half asked: each with the one that is most like it. */
function pairsOf(random: Random): [asked: number, stored: number, similarity: number][] {
  const all = random.shuffle(QUESTIONS.map(({ text }, number) => ({ number, vector: vectorOf(text) })));
  const stored = all.slice(0, Math.floor(all.length / 2));
  return all.slice(stored.length).map(({ number, vector }) => {
    const alike = stored.map((other) => dot(vector, other.vector));
    const similarity = Math.max(...alike);
    const nearest = stored[alike.indexOf(similarity)]?.number ?? 0;
    return [number, nearest, Number(similarity.toFixed(DECIMALS))];
  });
}
