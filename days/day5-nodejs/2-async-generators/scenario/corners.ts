import type * as Subject from '#days/day5-nodejs/2-async-generators/streams.ts';
import { defineScenario } from '#lib/provider';
import { PLACES, watched } from './source.ts';

export interface Left {
  taken: number;
  closed: boolean;
}

export interface Failed {
  errors: string[];
  taken: number;
  closed: boolean;
}

/** Numbers of places other than the one that is measured, for ten items. */
const ROOMS = [1, 2, 7, 10, 20];

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
    const lastLine = await split(['db down', '', 'db up']);
    const empty = await split([]);
    const followed = watched(['db down', 'retry 1', '', '', 'db up', '', 'all clear']);
    const readWhenGiven: number[] = [];
    for await (const chunk of chunks(followed.source)) if (chunk) readWhenGiven.push(followed.state.taken);

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

    /** What a reader gets that asks on and on, where `broken` items fail or, with none, the source after its third. */
    const fail = async (ordered: boolean, broken: number[]): Promise<Failed> => {
      const items = Array.from({ length: 50 }, (_, i) => i);
      const { source, state } = watched(items, broken.length === 0 ? 3 : undefined);
      const work = async (item: number) => {
        await clock.sleep(100 + item);
        if (broken.includes(item)) throw new Error(`item ${item} failed`);
        return item;
      };
      const errors: string[] = [];
      const results = mapConcurrent(source, PLACES, work, { ordered });
      for (let step = 0; step < 60; step += 1) {
        try {
          const { done } = await results.next();
          if (done) break;
        } catch (error) {
          errors.push(error instanceof Error ? error.message : String(error));
        }
      }
      await clock.sleep(1000);
      return { errors, ...state };
    };

    /** Ten items with room for `n`, read by somebody who takes `readMs` for each result. The later items are the quicker ones. */
    const room = async (n: number, readMs: number, options?: { ordered: boolean }) => {
      const { source, state } = watched(Array.from({ length: 10 }, (_, i) => i));
      const read: number[] = [];
      let [underWay, peak, held] = [0, 0, 0];
      const work = async (item: number) => {
        underWay += 1;
        peak = Math.max(peak, underWay);
        held = Math.max(held, state.taken - read.length);
        await clock.sleep(200 - 10 * item);
        underWay -= 1;
        return item;
      };
      for await (const item of mapConcurrent(source, n, work, options)) {
        read.push(item);
        await clock.sleep(readMs);
        held = Math.max(held, state.taken - read.length);
      }
      return { n, read, peak, held };
    };
    const rooms = [];
    for (const n of ROOMS)
      rooms.push({
        inOrder: await room(n, 0, { ordered: true }),
        asTheyFinish: await room(n, 0, { ordered: false }),
      });
    return {
      rooms,
      slowReader: {
        inOrder: await room(PLACES, 1000, { ordered: true }),
        asTheyFinish: await room(PLACES, 1000, { ordered: false }),
      },
      withoutOptions: await room(PLACES, 0),
      chunks: { unix, windows, last, lastLine, empty, readWhenGiven },
      left: {
        chunks: { ...log.state } as Left,
        inOrder: await leave(true),
        asTheyFinish: await leave(false),
      },
      failed: { inOrder: await fail(true, [2, 3]), asTheyFinish: await fail(false, [2, 3]) },
      broken: { inOrder: await fail(true, []), asTheyFinish: await fail(false, []) },
    };
  },
});
