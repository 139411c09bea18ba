import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../contracts/router.ts';
import { refusal, scripted, type Turn } from './scripted.ts';

/** So many answers teach what is slow, and pay for five extra calls. */
const LEARNT = 100;
/** With these there have been 119 requests: one in twenty is five. */
export const MANY = 19;
export const MOST_EXTRA = 5;
export const PACES_MS = [100, 1000];
const SLOW_FACTOR = 30;

/** A hundred usual calls, and then one or more that take thirty times as long, where a second call may help. */
export const racing = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const after = async (usualMs: number, later: (to: string) => Turn, count = 1) => {
      let isLate = false;
      let inFlight: number[] = [];
      const { ask, sent } = scripted(subject, clock, {
        balance(candidates) {
          inFlight = candidates.map((it) => it.inFlight);
          const east = candidates.find(({ deployment }) => deployment.name === 'east');
          return east ?? (candidates[0] as Contract.Candidate);
        },
        turn: ({ to, nth }) => (isLate ? later(to) : { ms: usualMs * (0.9 + 0.02 * (nth % 10)) }),
      });
      // At one time, so that nothing is known yet of which a call could be too late.
      await Promise.all(Array.from({ length: LEARNT }, () => ask()));
      const usual = sent.length;
      isLate = true;
      const told = await Promise.all(Array.from({ length: count }, () => ask()));
      isLate = false;
      await clock.sleep(usualMs);
      const calls = sent.slice(usual);
      return { told, calls, next: (await ask()).asked[0], inFlight };
    };
    const slow = (usualMs: number) => (to: string) => ({
      ms: to === 'east' ? usualMs * SLOW_FACTOR : usualMs,
    });
    const paces = [];
    for (const usualMs of PACES_MS) paces.push(await after(usualMs, slow(usualMs)));
    return {
      paces,
      three: await after(100, slow(100), 3),
      hedgeFails: await after(100, (to) => (to === 'east' ? { ms: 2000 } : { ms: 20, error: refusal(500) })),
      many: (await after(100, slow(100), MANY)).calls.length - MANY,
      // East fails before it is late; the others take their time.
      early: (await after(100, (to) => (to === 'east' ? { ms: 50, error: refusal(500) } : { ms: 2000 })))
        .calls,
      firstFails: await after(100, (to) => (to === 'east' ? { ms: 300, error: refusal(500) } : { ms: 2000 })),
    };
  },
});
