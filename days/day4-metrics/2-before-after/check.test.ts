import * as subject from '#days/day4-metrics/2-before-after/compare.ts';
import { check, hold, meets, play } from '#lib/check';
import type * as Contract from '../contracts/compare.ts';
import { exactDelta, FEWEST, type Pair, scenario, share, widthOf } from './scenario.ts';

/** Of ten pairs in which nothing changed: one may be called better by chance, four are no chance. */
const MOST_BY_CHANCE = 0.3;

/** A bootstrap of so few requests is a few hundredths narrower than a t-interval; an interval of 90 % has 84 %, one of 99 % 131 %. */
const NARROWEST = 0.9;
const WIDEST = 1.15;

const run = play(scenario, subject);

check('says how much changed, as a share of before', async () => {
  const { value, traffic } = await run();
  changesAre(traffic.exact, value.exact, 'two runs of the same requests, once each');
});

check('gives an interval that holds the true change', async () => {
  meets(
    await run(),
    'interval holds the true change',
    'From 2.5 % to 97.5 % of the changes that the resamples gave; each resample has as many requests as the run.',
  );
  const { value, traffic } = await run();
  const { width, ...found } = widthOfAll(
    [...traffic.same, ...traffic.gains],
    [...value.same, ...value.gains],
  );
  hold(width >= NARROWEST, { ...found, help: 'Where 5 % lie on each side, the interval is one of 90 %.' });
});

check('calls nothing better where nothing changed', async () => {
  meets(
    await run(),
    'false "better"',
    'Two runs of the same code differ too. Draw requests with replacement, many times, and see how far the change moves.',
  );
  const { same, gains, tails } = (await run()).value;
  for (const { ci, verdict } of [...same, ...gains, ...tails]) {
    const expected = ci[1] < 0 ? 'better' : ci[0] > 0 ? 'worse' : 'inconclusive';
    hold(verdict === expected, {
      happened: `an interval from ${percent(ci[0])} to ${percent(ci[1])} was called "${verdict}"`,
      expected: `"${expected}"`,
      help: 'Less is better. Only where both ends are on one side of 0 is it known which.',
    });
  }
});

check('sees a gain that is real', async () => {
  meets(
    await run(),
    'real gains found',
    'Requests differ from each other far more than runs do. Draw pairs, the same request before and after, and that difference cancels out.',
  );
  const { value, traffic } = await run();
  const { width, ...found } = widthOfAll(
    [...traffic.same, ...traffic.gains],
    [...value.same, ...value.gains],
  );
  hold(width <= WIDEST, { ...found, help: 'A wider interval is not safer: it hides gains that are there.' });
});

check('compares only requests that both runs have', async () => {
  const { value, traffic } = await run();
  changesAre(traffic.exactShared, value.exactShared, 'two runs with some requests in common');
  const { shifted, strangers } = value;
  const credited = share(shifted, 'better');
  hold(credited <= MOST_BY_CHANCE, {
    happened: `${percent(credited)} of the pairs in which the second run had shorter requests, and nothing else new, were "better"`,
    expected: 'the same requests to be compared with each other',
    help: 'Take the ids that occur in both runs, and compare those.',
  });
  const { enough, tooFew } = value;
  hold(share(tooFew, 'inconclusive') === 1, {
    happened: `runs with ${FEWEST - 1} requests, once and three times each, all of which took less than half as long, were called "${tooFew.map((it) => it.verdict).join('" and "')}"`,
    expected: '"inconclusive": thirty requests are needed, and replays of one are no others',
    help: 'Count the ids that both runs have, not the samples.',
  });
  hold(share(enough, 'better') === 1, {
    happened: `two runs with ${FEWEST} requests, all of which took less than half as long, were called "${enough[0]?.verdict}"`,
    expected: '"better": thirty are enough',
  });
  hold(share(strangers, 'inconclusive') === 1, {
    happened: `two runs without one request in common were called "${strangers.find((it) => it.verdict !== 'inconclusive')?.verdict}"`,
    expected: '"inconclusive": nothing can be said about fewer than thirty shared requests',
  });
});

check('does not credit a change with a warm cache', async () => {
  const { warmed, bothWarm } = (await run()).value;
  hold(share(warmed, 'inconclusive') === 1, {
    happened: `a cold run before a warm one was called "${warmed[0]?.verdict}", a warm one before a cold one "${warmed[1]?.verdict}"`,
    expected: '"inconclusive": both runs have to begin cold, or both warm',
    help: 'Half of the time saved here is the cache, and nobody can say which half.',
  });
  hold(share(bothWarm, 'better') === 1, {
    happened: `two warm runs, of which the second took half as long, were called "${bothWarm[0]?.verdict}"`,
    expected: '"better": both began alike',
  });
});

check('counts every replay, not the best one', async () => {
  const { value, traffic } = await run();
  changesAre(
    traffic.exactReplayed,
    value.exactReplayed,
    'two runs, the first played twice and the second three times',
  );
  const { replayed } = value;
  const credited = share(replayed, 'better');
  hold(credited <= MOST_BY_CHANCE, {
    happened: `${percent(credited)} of the runs that were played three times, and changed in nothing, were "better"`,
    expected: 'all three replays of a request to count',
    help: 'The best of three is faster than one of one, whatever was changed.',
  });
});

check('judges p95 by p95', async () => {
  const { tails } = (await run()).value;
  const worse = share(tails, 'worse');
  hold(worse >= 0.8 && share(tails, 'better') === 0, {
    happened: `where the mean fell and p95 rose, ${percent(worse)} of the pairs were "worse" and ${percent(share(tails, 'better'))} "better" by p95`,
    expected: '"worse": the claim is about p95, so each resample has to be measured by its p95',
    help: 'An interval of the mean says nothing about the tail.',
  });
});

function changesAre(pairs: readonly Pair[], said: readonly Contract.Comparison[], of: string): void {
  pairs.forEach((pair, i) => {
    const expected = exactDelta(pair);
    const delta = said[i]?.delta;
    hold(delta !== undefined && Math.abs(delta - expected) < 1e-9, {
      happened: `of ${of}, the delta of ${pair.metric} was ${percent(delta)}`,
      expected: `${percent(expected)}: the metric after, divided by the metric before, minus 1`,
      help: 'A share of the new value ("twice as fast"), or the mean of all ratios, is another number.',
    });
  });
}

/** How wide the intervals of all pairs are on average, in widths of 95 %. */
function widthOfAll(
  pairs: readonly Pair[],
  said: readonly Contract.Comparison[],
): { width: number; happened: string; expected: string } {
  const widths = pairs.map((pair, i) => {
    const [low, high] = said[i]?.ci ?? [0, 0];
    return (high - low) / widthOf(pair);
  });
  const width = widths.reduce((total, it) => total + it, 0) / widths.length;
  return {
    width,
    happened: `on average over ${pairs.length} pairs the interval was ${percent(width)} as wide as 1.96 standard errors to either side`,
    expected: `${percent(NARROWEST)} to ${percent(WIDEST)}: that is what holds the change in 95 of 100 cases`,
  };
}

function percent(share: number | undefined): string {
  return share === undefined ? 'missing' : `${Math.round(share * 1000) / 10} %`;
}
