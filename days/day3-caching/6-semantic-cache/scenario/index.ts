import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { defineScenario, percentile, type World } from '#lib/provider';
import type * as Contract from '../../contracts/semantic-cache.ts';
import { INTENTS, type Intent } from '../../corpus.ts';
import { canonical, createLikeness, curve, type Round, roundOf, split } from '../../likeness.ts';
import { provider } from '../../provider.ts';
import { upperBound } from '../../similarity.ts';
import {
  alike,
  breeding,
  chosen,
  conversation,
  drawThresholds,
  EMBED_MS,
  isWrong,
  MAX_FALSE,
  ROUNDS,
  scopes,
  serve,
  THRESHOLD_FALSE,
  turns,
} from './phases.ts';
import { requestsOf } from './traffic.ts';

export { DRAWS, isWrong, MAX_FALSE } from './phases.ts';

/** A help desk for six customers: calibration on half of the questions, traffic from the other half. */
export const scenario = helpDesk(INTENTS);

/** The same help desk with other questions. */
export function helpDesk(intents: readonly Intent[]) {
  const likeness = createLikeness(intents.flatMap(({ questions }) => questions));
  return defineScenario({
    provider,
    traffic: (random): Traffic => {
      const { calibration, hidden } = split(intents, random);
      return {
        rounds: Array.from({ length: ROUNDS }, () => roundOf(calibration, random)),
        requests: requestsOf(hidden, random),
      };
    },
    async play(subject: typeof Subject, { openai, clock, traffic, seed }: World<Traffic>) {
      await likeness.learn(openai);
      const pairs = traffic.rounds.flatMap(likeness.pairsOf);
      const threshold = subject.chooseThreshold(pairs, THRESHOLD_FALSE);
      const embed: Contract.Embed = async (texts) => {
        await clock.sleep(EMBED_MS);
        return Promise.all(texts.map((text) => likeness.vectorOf(text, openai)));
      };
      return {
        pairs,
        threshold,
        scopes: await scopes(subject, embed, threshold),
        talk: await conversation(subject, embed, threshold),
        alike: await alike(subject),
        breeding: await breeding(subject),
        chosen: chosen(subject),
        turns: await turns(subject),
        draws: drawThresholds(subject, seed),
        served: await serve(new subject.SemanticCache(embed, threshold), traffic.requests, clock),
      };
    },
    readings({ outcome, traffic: { requests } }) {
      const { served } = outcome.value;
      const wrong = served.filter(isWrong).length;
      const seen = new Set(requests.map(({ query, intent }) => JSON.stringify([query.tenant, intent.id])));
      const plain = new Set(
        requests.map(({ query }) => JSON.stringify([query.tenant, canonical(query.text)])),
      );
      const bestRate = 1 - seen.size / requests.length;
      const exactRate = 1 - plain.size / requests.length;
      return {
        // An exact cache is the floor; a fifth of the way to the limit is to be won without errors. The limit: whoever knows all
        // intents. The first request of a tenant for an intent is a miss for everybody, or a hit that is wrong.
        'hit rate': {
          unit: 'share',
          better: 'higher',
          value: served.filter((it) => it.got && !isWrong(it)).length / served.length,
          target: exactRate + 0.2 * (bestRate - exactRate),
          limit: bestRate,
        },
        'wrong answers, upper bound': {
          unit: 'share',
          better: 'lower',
          value: upperBound(wrong, served.length),
          target: MAX_FALSE,
          limit: upperBound(0, served.length), // No error at all.
        },
        'p95 look-up': {
          unit: 'ms',
          better: 'lower',
          value: percentile(
            served.map(({ waitedMs }) => waitedMs),
            95,
          ),
          target: EMBED_MS + 20,
          limit: 0,
        },
      };
    },
    chart: ({ outcome }) => `By similarity alone, on the labelled pairs:\n${curve(outcome.value.pairs)}`,
  });
}

interface Traffic {
  rounds: Round[];
  requests: { query: Contract.Query; intent: Intent }[];
}
