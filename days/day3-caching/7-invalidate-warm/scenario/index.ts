import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { defineScenario, sum } from '#lib/provider';
import { kinds, shared } from './corners.ts';
import {
  costOf,
  errorOf,
  isPeak,
  learnt,
  netOf,
  PAST_SESSIONS,
  SESSIONS,
  savesOf,
  sessionOf,
  siteOf,
  stepsOf,
  tightBudget,
  warmDay,
} from './sessions.ts';
import { CHANGES, type Change, createWorld, underWay } from './world.ts';

/** A support product: answers made from documents and from other answers; then a day of sessions to warm. */
export const scenario = defineScenario({
  traffic: (random) => {
    const site = siteOf(random);
    const sessions = (count: number) => Array.from({ length: count }, () => sessionOf(site, random));
    return { site, past: sessions(PAST_SESSIONS).map(({ pages }) => pages), day: sessions(SESSIONS) };
  },
  async play(subject: typeof Subject, { clock, traffic }) {
    const world = createWorld(clock);
    const cache = subject.createCache(world.store);
    await Promise.all(world.keys().map((key) => world.ask(cache, key)));
    const changes: Change[] = [];
    for (const [name, selection] of CHANGES) changes.push(await world.change(cache, name, selection));
    const late = await underWay(subject, clock);
    const predictor = subject.learn(traffic.past);
    return {
      changes,
      late,
      kinds: await kinds(subject, clock),
      shared: await shared(subject, clock),
      tight: await tightBudget(subject, clock),
      learnt: learnt(subject),
      error: errorOf(predictor, traffic.day),
      warming: await warmDay(subject, predictor, clock, traffic.site, traffic.day),
    };
  },
  readings({ outcome, traffic: { site, day } }) {
    const { changes, error, warming } = outcome.value;
    const known = (page: string) =>
      [...(site.next.get(page) ?? [])].map(([next, probability]) => ({ page: next, probability }));
    const steps = stepsOf(day);
    // Whoever knows the true probabilities fills outside the peak what pays on average; whoever knows the day knows all.
    const quiet = steps.filter(({ atMs }) => !isPeak(atMs));
    const fair = netOf(site, quiet, (page) =>
      known(page)
        .filter(({ page: next, probability }) => probability * savesOf(site, next) > costOf(site, next))
        .map(({ page: next }) => next),
    );
    const clairvoyant = netOf(site, steps, (_, next) => (next === undefined ? [] : [next]));
    return {
      'store steps for each answer that goes': {
        unit: 'count',
        better: 'lower',
        value: sum(changes.map(({ steps }) => steps)) / sum(changes.map(({ concerned }) => concerned.length)),
        target: 4,
        // An answer may be left where it is, if nothing ever serves it again.
        limit: 0,
      },
      'error of the predictions': {
        unit: 'count',
        better: 'lower',
        value: error,
        target: errorOf(known, day) * 1.1,
        limit: 0, // Of whoever knows the day.
      },
      'net on a hidden day': {
        unit: 'usd',
        better: 'higher',
        value: warming.netUsd,
        target: fair * 0.7,
        limit: clairvoyant, // Each page that is asked for next is filled, and no other; none of them costs more than it saves.
      },
    };
  },
});
