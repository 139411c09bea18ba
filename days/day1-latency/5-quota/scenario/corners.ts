import type * as Subject from '#days/day1-latency/5-quota/quota.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import { defineScenario } from '#lib/provider';
import { MINUTE_MS } from './jobs.ts';

/** More than any corner takes. */
const LONG_MS = 3 * MINUTE_MS;

/** Requests that wait for tokens, without a provider: each corner has a quota of its own, and most drain it first. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ createQuota }: typeof Subject, { clock }) {
    const corner = async () => {
      const quota = createQuota({ rpm: 6000, tpm: 6000 });
      let startMs = clock.now();
      /** Uses so many tokens, all that it asked for. Tells when it got through, or why it did not. */
      const use = (tokens: number, signal?: AbortSignal): Promise<Passed> => {
        const acquire = async () => quota.acquire(tokens, signal);
        const passed = acquire().then(
          (lease) => {
            lease.settle(tokens);
            return { afterMs: clock.now() - startMs };
          },
          (reason: unknown) => ({ afterMs: clock.now() - startMs, reason }),
        );
        return Promise.race([
          passed,
          clock.sleep(LONG_MS).then(() => ({ afterMs: Number.POSITIVE_INFINITY })),
        ]);
      };
      // Who turns a whole minute away fails a check of its own.
      if ((await use(6000)).reason !== undefined) await use(5999);
      startMs = clock.now();
      return use;
    };

    const busy = await corner();
    const large = busy(5000);
    const small: Promise<Passed>[] = [];
    for (let i = 0; i < 120; i += 1) {
      await clock.sleep(1000);
      small.push(busy(100));
    }
    const turns = { large: await large, small: await Promise.all(small) };

    const left = await corner();
    const user = new AbortController();
    const aborted = left(3000, user.signal);
    const behind = left(200);
    await clock.sleep(1000);
    user.abort(new Error('the user left'));
    const leaving = { aborted: await aborted, behind: await behind, alone: await (await corner())(200) };

    const tooLarge = await (await corner())(6001);
    const justFits = await (await corner())(6000);

    const early = await (await corner())(100, AbortSignal.abort(new Error('the user left')));

    const underestimated = createQuota({ rpm: 6000, tpm: 6000 });
    (await underestimated.acquire(1000)).settle(6000);
    const startMs = clock.now();
    await Promise.race([underestimated.acquire(600), clock.sleep(LONG_MS)]);
    const afterMoreMs = clock.now() - startMs;

    const timersLeft = await timersLeftBy(
      clock,
      async () => {
        const quiet = await corner();
        await Promise.all([quiet(600), quiet(600)]);
      },
      LONG_MS,
    );
    return { turns, leaving, early, tooLarge, justFits, afterMoreMs, timersLeft };
  },
});

/** When a request got through. With a reason: when it was turned away, and why. */
export interface Passed {
  afterMs: number;
  reason?: unknown;
}
