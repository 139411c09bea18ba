export const PLACES = 4;

/** One pass of `mapConcurrent` over the items, as source, worker and reader saw it. */
export interface Pass {
  /** Items as the reader got them, and when each had finished. */
  read: number[];
  finishedMs: number[];
  makespanMs: number;
  peakUnderWay: number;
  /** Most finished results that waited for the reader at one time. */
  peakWaiting: number;
  /** Most items taken from the source and not yet handed to the reader. */
  peakHeld: number;
}

/** Makespan of items that start in order, each on the place that is free first. */
export function firstCome(durations: number[], places: number): number {
  const freeAtMs = Array.from({ length: places }, () => 0);
  for (const duration of durations) {
    const next = freeAtMs.indexOf(Math.min(...freeAtMs));
    freeAtMs[next] = (freeAtMs[next] ?? 0) + duration;
  }
  return Math.max(...freeAtMs);
}

/** The same when a place is only free again once its result was read in order: a slow head holds up the window. */
export function slidingWindow(durations: number[], places: number): number {
  const readMs: number[] = [];
  for (const [i, duration] of durations.entries()) {
    const startMs = readMs[i - places] ?? 0;
    readMs.push(Math.max(readMs[i - 1] ?? 0, startMs + duration));
  }
  return readMs.at(-1) ?? 0;
}

/** A source that says whether it was closed. It breaks after `breaksAfter` items. */
export function watched<T>(items: readonly T[], breaksAfter = Number.POSITIVE_INFINITY) {
  const state = { taken: 0, closed: false };
  async function* source() {
    try {
      for (const item of items) {
        if (state.taken === breaksAfter) throw new Error('the source failed');
        state.taken += 1;
        yield item;
      }
    } finally {
      state.closed = true;
    }
  }
  return { state, source: source() };
}
