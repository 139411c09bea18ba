import type { Random } from '../random.ts';

/** How many requests a second, and for how long. */
export interface ArrivalPlan {
  /** Mean over the whole time. */
  ratePerSec: number;
  durationMs: number;
}

/** Arrival times in milliseconds, rising, one after the other: a million of them need no more memory than one. */
export type Arrivals = Generator<number, void, undefined>;

/** Independent users: exponential gaps. */
export function poissonArrivals(random: Random, plan: ArrivalPlan): Arrivals {
  return burstyArrivals(random, { ...plan, burstiness: 1 });
}

/**
 * Gaps from a gamma distribution of the same mean. `burstiness` is its shape, as in vLLM's `bench serve`: 1 is Poisson,
 * below 1 arrivals come in bursts, above 1 they are more even.
 */
export function* burstyArrivals(
  random: Random,
  { ratePerSec, durationMs, burstiness }: ArrivalPlan & { burstiness: number },
): Arrivals {
  check({ ratePerSec, durationMs, burstiness });
  const scaleMs = 1000 / ratePerSec / burstiness;
  for (let atMs = 0; ; ) {
    atMs += burstiness === 1 ? random.exponential(scaleMs) : gamma(random, burstiness) * scaleMs;
    if (atMs >= durationMs) return;
    yield atMs;
  }
}

/**
 * A day's rise and fall: a sine around the mean. `swing` from 0 (flat) to 1 (nothing at night); the peak comes at
 * `peakMs` of each period.
 */
export function* diurnalArrivals(
  random: Random,
  {
    ratePerSec,
    durationMs,
    swing,
    periodMs = 86_400_000,
    peakMs = periodMs / 2,
  }: ArrivalPlan & { swing: number; periodMs?: number; peakMs?: number },
): Arrivals {
  if (!(swing >= 0 && swing <= 1)) throw wrong('swing', 'a number from 0 to 1', swing);
  // Thinning: arrivals at the peak's rate, each kept with the share that its moment has of the peak.
  for (const atMs of poissonArrivals(random, { ratePerSec: ratePerSec * (1 + swing), durationMs })) {
    const share = (1 + swing * Math.cos((2 * Math.PI * (atMs - peakMs)) / periodMs)) / (1 + swing);
    if (random.next() < share) yield atMs;
  }
}

/** Gamma with the given shape and scale 1 (Marsaglia and Tsang, 2000). */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random.next()) ** (1 / shape);
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.next()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

function check(values: Record<string, number>): void {
  for (const [name, value] of Object.entries(values))
    if (!(value > 0 && Number.isFinite(value))) throw wrong(name, 'a number above 0', value);
}

function wrong(name: string, expected: string, received: unknown): RangeError {
  return new RangeError(`Arrivals: ${name} must be ${expected}; received ${String(received)}.`);
}
