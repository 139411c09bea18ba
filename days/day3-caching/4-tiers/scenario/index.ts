import { serialize } from 'node:v8';
import { gzipSync } from 'node:zlib';
import type * as Subject from '#days/day3-caching/4-tiers/tiered-cache.ts';
import { defineScenario, percentile, sum } from '#lib/provider';
import {
  bytesStored,
  expiry,
  faults,
  invalidation,
  lookups,
  media,
  onDisk,
  overtaken,
  remoteFirst,
  textsStored,
  trust,
  values,
} from './phases.ts';
import { answersOf, lookupsOf } from './traffic.ts';
import { createWorld, ENVELOPE_BYTES } from './world.ts';

export { OPTIONS } from './world.ts';

/** Two nodes before a second tier that takes 4 ms, fails, hangs and returns garbage; and an edge for media. */
export const scenario = defineScenario({
  traffic: (random) => ({ lookups: lookupsOf(random), answers: answersOf(random) }),
  async play(subject: typeof Subject, { clock, traffic }) {
    const world = () => createWorld(subject, clock);
    return {
      values: await values(world()),
      faults: await faults(world(), clock),
      trust: await trust(world(), clock),
      expiry: await expiry(world(), clock),
      invalidation: await invalidation(world(), clock),
      overtaken: await overtaken(world(), clock),
      remoteFirst: await remoteFirst(world(), clock),
      media: await media(world(), clock),
      lookups: await lookups(world(), clock, traffic.lookups),
      bytes: await bytesStored(world(), traffic.answers),
      texts: await textsStored(world()),
      disk: await onDisk(subject, clock),
    };
  },
  readings({ outcome, traffic }) {
    const { lookups: seen, bytes } = outcome.value;
    const distinct = new Set(traffic.lookups.flat()).size;
    const smallest = traffic.answers.map((answer) => {
      const raw = serialize(answer);
      return Math.min(raw.length, gzipSync(raw).length) + ENVELOPE_BYTES;
    });
    return {
      'p95 look-up': {
        unit: 'ms',
        better: 'lower',
        value: percentile(seen.waitsMs, 95),
        target: 1,
        limit: 0, // No time passes in memory.
      },
      // The look-ups are those of a node that has set nothing: each key has to be fetched once. They end before the trust does.
      'round trips': {
        unit: 'count',
        better: 'lower',
        value: seen.trips,
        target: distinct * 1.1,
        limit: distinct,
      },
      // No bound is known for compression: another method may always do better.
      'bytes in the second tier': {
        unit: 'bytes',
        better: 'lower',
        value: bytes,
        target: sum(smallest),
        limit: null,
      },
    };
  },
});
