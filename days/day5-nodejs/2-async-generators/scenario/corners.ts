import type * as Subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { defineScenario } from '#lib/provider';
import { PLACES, watched } from './source.ts';

export interface Left {
  taken: number;
  closed: boolean;
}

/** Numbers of places other than the one that is measured. */
const ROOMS = [1, 2, 7];

/** Small logs, readers that leave early, and items that fail. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ chunks, mapConcurrent }: typeof Subject, { clock }) {
    const split = async (lines: string[]) => {
      const found: string[] = [];
      for await (const chunk of chunks(watched(lines).source)) found.push(chunk);
      return found;
    };
    const unix = await split(['db down', 'retry 1', '', '', 'db up', '   ', 'all clear', '']);
    const windows = await split(['db down\r', 'retry 1\r', '\r', 'db up\r', '\r']);
    const last = await split(['db down', '', 'db up', 'all clear']);
    const empty = await split([]);

    const log = watched(['one', '', 'two', '', 'three', '', 'four']);
    for await (const chunk of chunks(log.source)) if (chunk) break;

    const leave = async (ordered: boolean): Promise<Left> => {
      const { source, state } = watched(Array.from({ length: 50 }, (_, i) => i));
      const work = async (item: number) => {
        await clock.sleep(100);
        return item;
      };
      for await (const item of mapConcurrent(source, PLACES, work, { ordered })) if (item >= 0) break;
      const left = { ...state };
      await clock.sleep(1000);
      return { taken: state.taken, closed: left.closed };
    };

    const fail = async (ordered: boolean) => {
      const { source, state } = watched(Array.from({ length: 50 }, (_, i) => i));
      const work = async (item: number) => {
        await clock.sleep(100 + item);
        if (item === 2 || item === 3) throw new Error(`item ${item} failed`);
        return item;
      };
      const errors: string[] = [];
      const read: number[] = [];
      const results = mapConcurrent(source, PLACES, work, { ordered });
      for (let step = 0; step < 60; step += 1) {
        try {
          const { done, value } = await results.next();
          if (done) break;
          read.push(value);
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error));
        }
      }
      await clock.sleep(1000);
      return { errors, read, ...state };
    };
    /** Most of ten items that were under way at once, with room for `n`. */
    const peakOf = async (n: number, ordered: boolean) => {
      let [underWay, peak] = [0, 0];
      const work = async (item: number) => {
        underWay += 1;
        peak = Math.max(peak, underWay);
        await clock.sleep(100);
        underWay -= 1;
        return item;
      };
      const { source } = watched(Array.from({ length: 10 }, (_, i) => i));
      for await (const item of mapConcurrent(source, n, work, { ordered })) void item;
      return peak;
    };
    const rooms = [];
    for (const n of ROOMS)
      rooms.push({ n, inOrder: await peakOf(n, true), asTheyFinish: await peakOf(n, false) });
    return {
      rooms,
      chunks: { unix, windows, last, empty },
      left: {
        chunks: { ...log.state } as Left,
        inOrder: await leave(true),
        asTheyFinish: await leave(false),
      },
      failed: { inOrder: await fail(true), asTheyFinish: await fail(false) },
    };
  },
});
