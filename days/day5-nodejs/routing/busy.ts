import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import { defineProvider, defineScenario, sum } from '#lib/provider';
import { ANSWER, arrivals, askAll, body, PACE, type Question } from './ask.ts';

const RESERVED_PLACES = 3;
const BUSY_DEPLOYMENTS = [
  { name: 'reserved', places: RESERVED_PLACES },
  { name: 'east' },
  { name: 'west' },
  { name: 'north' },
];
const BURST = 15;
const STEADY_MS = 12_000;
export const BURSTS_MS = [20_000, 30_000];

/** Twelve seconds of steady traffic, then two bursts. Three places are paid for; the other deployments take eight. */
export const busy = defineScenario({
  provider: defineProvider({
    deployments: {
      reserved: { ...PACE, maxConcurrent: RESERVED_PLACES },
      east: { ...PACE, maxConcurrent: 8 },
      west: { ...PACE, maxConcurrent: 8 },
      north: { ...PACE, maxConcurrent: 8 },
    },
  }),
  answer: () => ANSWER,
  traffic: (random) => [
    ...arrivals(random, 0, STEADY_MS, 3, 'steady'),
    ...BURSTS_MS.flatMap((atMs, burst) =>
      Array.from({ length: BURST }, (_, i) => ({
        atMs,
        prompt: `burst ${burst} question ${i}: what is settled?`,
      })),
    ),
  ],
  play: (subject: typeof Subject, world) => askAll(subject, { deployments: BUSY_DEPLOYMENTS }, world),
  readings({ traffic, quote, ledger }) {
    const byToken = sum(
      ledger.calls.filter((call) => call.deployment !== 'reserved').map((call) => call.costMicroUsd),
    );
    const quotes = traffic.map(({ prompt }) => quote('azure', body('reserved', prompt)));
    return {
      'paid by the token': {
        unit: 'microUsd',
        better: 'lower',
        value: byToken,
        target: beyondPlaces(traffic, quotes) * 1.15,
        limit: leastByToken(traffic, quotes),
      },
    };
  },
});

interface Priced {
  totalMs: number;
  costMicroUsd: number;
}

/** What is left for others when each question takes a paid place if one is free as it arrives. */
function beyondPlaces(traffic: readonly Question[], quotes: readonly Priced[]): number {
  const freeAtMs = Array.from({ length: RESERVED_PLACES }, () => 0);
  let left = 0;
  for (const [i, { atMs }] of traffic.entries()) {
    const { totalMs, costMicroUsd } = quotes[i] as Priced;
    const place = freeAtMs.findIndex((freeMs) => freeMs <= atMs);
    if (place < 0) left += costMicroUsd;
    else freeAtMs[place] = atMs + totalMs;
  }
  return left;
}

/**
 * No code that lets nobody wait for a place pays less: of each run of questions the paid places can take no more than fits into their time, the
 * dearest for its time first, from the first arrival to the last and once more for those under way at its end.
 */
function leastByToken(traffic: readonly Question[], quotes: readonly Priced[]): number {
  const spans = [[0, STEADY_MS], ...BURSTS_MS.map((atMs) => [atMs, atMs])] as [number, number][];
  return sum(
    spans.map(([fromMs, toMs]) => {
      const inSpan = quotes.filter((_, i) => {
        const { atMs } = traffic[i] as Question;
        return atMs >= fromMs && atMs <= toMs;
      });
      // Paying by the token is for those who will not wait; what waited for a place may begin much later.
      const slowestMs = Math.max(...inSpan.map((it) => it.totalMs));
      let roomMs = RESERVED_PLACES * (toMs - fromMs + slowestMs);
      let cost = 0;
      for (const it of [...inSpan].sort((a, b) => b.costMicroUsd / b.totalMs - a.costMicroUsd / a.totalMs)) {
        const share = Math.min(1, roomMs / it.totalMs);
        roomMs -= share * it.totalMs;
        cost += (1 - share) * it.costMicroUsd;
      }
      return cost;
    }),
  );
}
