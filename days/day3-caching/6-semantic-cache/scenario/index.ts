import type * as Subject from '#days/day3-caching/6-semantic-cache/semantic-cache.ts';
import { defineScenario, percentile, type World } from '#lib/provider';
import type * as Contract from '../../contracts/semantic-cache.ts';
import { INTENTS, type Intent } from '../../corpus.ts';
import { canonical, createLikeness, curve, type Round, roundOf, split } from '../../likeness.ts';
import { provider } from '../../provider.ts';
import { upperBound } from './bounds.ts';
import {
  breeding,
  conversation,
  drawThresholds,
  EMBED_MS,
  isWrong,
  MAX_FALSE,
  ROUNDS,
  scopes,
  serve,
  THRESHOLD_FALSE,
} from './phases.ts';
import { requestsOf } from './traffic.ts';

export { upperBound } from './bounds.ts';
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
        scopes: await scopes(new subject.SemanticCache(embed, threshold)),
        talk: await conversation(subject, embed, threshold),
        breeding: await breeding(subject),
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
        // An exact cache is the floor, and whoever knows all intents the limit; a fifth of the way is to be won without errors.
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
          limit: upperBound(0, served.length),
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
