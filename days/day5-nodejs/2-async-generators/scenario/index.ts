import type * as Subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { firstCome, type Pass, PLACES, slidingWindow } from './source.ts';

export { bigLog, LINES } from './big-log.ts';
export { corners, type Failed, type Left } from './corners.ts';
export { type Pass, PLACES } from './source.ts';

const ITEMS = 120;

/** 120 chunks to summarise, four at a time; one in twenty takes eight times as long. */
export const scenario = defineScenario({
  traffic: (random: Random) =>
    Array.from({ length: ITEMS }, () =>
      Math.round(300 * Math.exp(0.35 * random.normal()) * (random.next() < 0.05 ? 8 : 1)),
    ),
  async play({ mapConcurrent }: typeof Subject, { traffic, clock }) {
    const pass = async (ordered: boolean): Promise<Pass> => {
      const seen = { read: [] as number[], peakUnderWay: 0, peakWaiting: 0, peakHeld: 0 };
      const finishedMs: number[] = [];
      let taken = 0;
      let underWay = 0;
      const note = () => {
        const held = taken - seen.read.length;
        seen.peakUnderWay = Math.max(seen.peakUnderWay, underWay);
        seen.peakWaiting = Math.max(seen.peakWaiting, held - underWay);
        seen.peakHeld = Math.max(seen.peakHeld, held);
      };
      async function* source() {
        for (const item of traffic.keys()) {
          taken += 1;
          note();
          yield item;
        }
      }
      const work = async (item: number) => {
        underWay += 1;
        note();
        await clock.sleep(traffic[item] ?? 0);
        underWay -= 1;
        finishedMs[item] = clock.now();
        return item;
      };
      const startMs = clock.now();
      for await (const item of mapConcurrent(source(), PLACES, work, { ordered })) seen.read.push(item);
      return { ...seen, finishedMs, makespanMs: clock.now() - startMs };
    };
    return { inOrder: await pass(true), asTheyFinish: await pass(false) };
  },
  readings({ traffic, outcome }) {
    const { inOrder, asTheyFinish } = outcome.value;
    // All work divided by the places, or the longest item alone.
    const limit = Math.max(sum(traffic) / PLACES, ...traffic);
    return {
      'items held': {
        unit: 'count',
        better: 'lower',
        value: Math.max(inOrder.peakHeld, asTheyFinish.peakHeld),
        target: PLACES + 1,
        // Nothing beats holding nothing but one item: that is what the starter does, and why it is slow.
        limit: 1,
      },
      'makespan in order': {
        unit: 'ms',
        better: 'lower',
        value: inOrder.makespanMs,
        target: slidingWindow(traffic, PLACES) * 1.1,
        limit,
      },
      'makespan as they finish': {
        unit: 'ms',
        better: 'lower',
        value: asTheyFinish.makespanMs,
        target: firstCome(traffic, PLACES) * 1.1,
        limit,
      },
    };
  },
});
