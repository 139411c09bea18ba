import * as subject from '#days/day4-metrics/2-before-after/compare.ts';
import { check, hold, meets, play } from '#lib/check';
import { exactDelta, scenario, share } from './scenario.ts';

/** Of ten pairs in which nothing changed: one may be called better by chance, four are no chance. */
const MOST_BY_CHANCE = 0.3;

const run = play(scenario, subject);

check('says how much changed, as a share of before', async () => {
  const { value, traffic } = await run();
  traffic.exact.forEach((pair, i) => {
    const expected = exactDelta(pair);
    const delta = value.exact[i]?.delta;
    hold(delta !== undefined && Math.abs(delta - expected) < 1e-9, {
      happened: `delta of ${pair.metric} was ${percent(delta)}`,
      expected: `${percent(expected)}: the metric after, divided by the metric before, minus 1`,
      help: 'A share of the new value ("twice as fast"), or the mean of all ratios, is another number.',
    });
  });
});

check('calls nothing better where nothing changed', async () => {
  meets(
    await run(),
    'false "better"',
    'Two runs of the same code differ too. Draw requests with replacement, many times, and see how far the change moves.',
  );
});

check('gives an interval that holds the true change', async () => {
  meets(
    await run(),
    'interval holds the true change',
    'From 2.5 % to 97.5 % of the changes that the resamples gave; each resample has as many requests as the run.',
  );
});

check('sees a gain that is real', async () => {
  meets(
    await run(),
    'real gains found',
    'Requests differ from each other far more than runs do. Draw pairs, the same request before and after, and that difference cancels out.',
  );
});

check('compares only requests that both runs have', async () => {
  const { shifted, strangers } = (await run()).value;
  const credited = share(shifted, 'better');
  hold(credited <= MOST_BY_CHANCE, {
    happened: `${percent(credited)} of the pairs in which the second run had shorter requests, and nothing else new, were "better"`,
    expected: 'the same requests to be compared with each other',
    help: 'Take the ids that occur in both runs, and compare those.',
  });
  hold(share(strangers, 'inconclusive') === 1, {
    happened: `two runs without one request in common were called "${strangers.find((it) => it.verdict !== 'inconclusive')?.verdict}"`,
    expected: '"inconclusive": nothing can be said about fewer than thirty shared requests',
  });
});

check('does not credit a change with a warm cache', async () => {
  const { warmed } = (await run()).value;
  hold(share(warmed, 'inconclusive') === 1, {
    happened: 'a second run that began with the answers of an earlier one in its cache was called "better"',
    expected: '"inconclusive": both runs have to begin cold, or both warm',
    help: 'Half of the time saved here is the cache, and nobody can say which half.',
  });
});

check('counts every replay, not the best one', async () => {
  const { replayed } = (await run()).value;
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

function percent(share: number | undefined): string {
  return share === undefined ? 'missing' : `${Math.round(share * 1000) / 10} %`;
}
