import type * as Subject from '#days/day1-latency/5-quota/quota.ts';
import { callAndLeave, type Ended } from '#lib/check/cancellation.ts';
import { timersLeftBy } from '#lib/check/timers.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/quota.ts';
import { MINUTE_MS } from './jobs.ts';

const WIDE_TPM = 600_000;
const WIDE_TOKENS = WIDE_TPM / 10;

type CreateQuota = (typeof Subject)['createQuota'];

/** Requests that wait for tokens, without a provider: each corner has a quota of its own. */
export const corners = defineScenario({
  traffic: () => null,
  async play({ createQuota }: typeof Subject, { clock }) {
    return {
      turns: await turns(createQuota, clock),
      ...(await leaving(createQuota, clock)),
      tooLarge: await impossible(createQuota, clock),
      justFits: await use(clock, await drained(createQuota), 6000),
      settled: await settled(createQuota, clock),
      wide: await wide(createQuota, clock),
      timersLeft: await timersLeftBy(clock, async () => {
        const busy = quota(createQuota);
        const lease = await busy.acquire(5500);
        const waiting = use(clock, busy, 5000);
        await clock.sleep(10);
        // The room for the one that waits comes long before its timer.
        lease.settle(0);
        await waiting;
        await callAndLeave(clock, 100, (signal) => busy.acquire(5900, signal));
      }),
    };
  },
});

function quota(createQuota: CreateQuota): Contract.Quota {
  return createQuota({ rpm: 6000, tpm: 6000 });
}

/** One whose tokens are used up. */
async function drained(createQuota: CreateQuota): Promise<Contract.Quota> {
  const empty = quota(createQuota);
  // Who turns a whole minute away fails a check of its own.
  const lease = await empty.acquire(6000).catch(() => empty.acquire(5999));
  lease.settle(6000);
  return empty;
}

/** Uses so many tokens, all that it asked for, and tells when it got through. */
function use(clock: Clock, from: Contract.Quota, tokens: number): Promise<Ended> {
  return callAndLeave(clock, 'never', async () => (await from.acquire(tokens)).settle(tokens));
}

/** A large request, and small ones that come behind it every second for two minutes. */
async function turns(createQuota: CreateQuota, clock: Clock) {
  const busy = await drained(createQuota);
  const large = use(clock, busy, 5000);
  const small: Promise<Ended>[] = [];
  for (let i = 0; i < 120; i += 1) {
    await clock.sleep(1000);
    small.push(use(clock, busy, 100));
  }
  return { large: await large, small: await Promise.all(small) };
}

/** Those who leave before they ask, while they wait and after they got through, and those behind them. */
async function leaving(createQuota: CreateQuota, clock: Clock) {
  const left = await drained(createQuota);
  const aborted = callAndLeave(clock, 1000, (signal) => left.acquire(3000, signal));
  const behind = use(clock, left, 200);

  const alone = use(clock, await drained(createQuota), 200);

  const spared = await drained(createQuota);
  const early = callAndLeave(clock, 'before', (signal) => spared.acquire(3000, signal));
  const afterEarly = use(clock, spared, 200);

  const crowded = await drained(createQuota);
  const late = callAndLeave(clock, 'after', (signal) => crowded.acquire(100, signal));
  const afterLate = [200, 300].map((tokens) => use(clock, crowded, tokens));
  return {
    leaving: { aborted: await aborted, behind: await behind, alone: await alone },
    early: { early: await early, after: await afterEarly },
    late: { late: await late, after: await Promise.all(afterLate) },
  };
}

/** What `settle` puts back, and what it takes. */
async function settled(createQuota: CreateQuota, clock: Clock) {
  const generous = quota(createQuota);
  const lease = await generous.acquire(5900);
  const waiting = [3000, 200, 100].map((tokens) => use(clock, generous, tokens));
  await clock.sleep(1000);
  lease.settle(100);
  const backAfter = await Promise.all(waiting);

  const underestimated = quota(createQuota);
  (await underestimated.acquire(1000)).settle(6000);
  const more = await use(clock, underestimated, 600);

  const slow = quota(createQuota);
  const late = await slow.acquire(1000);
  await clock.sleep(MINUTE_MS / 2);
  late.settle(4000);
  return { backAfter, more, lateMore: await use(clock, slow, 5900) };
}

/** A used-up quota that fills up by ten tokens a millisecond, and a request for a tenth of it. */
async function wide(createQuota: CreateQuota, clock: Clock): Promise<Ended> {
  const empty = createQuota({ rpm: 6000, tpm: WIDE_TPM });
  (await empty.acquire(1000)).settle(WIDE_TPM);
  return use(clock, empty, WIDE_TOKENS);
}

/** One token more than there will ever be. */
async function impossible(createQuota: CreateQuota, clock: Clock) {
  let isRangeError = false;
  const seen = await callAndLeave(clock, 'never', async () => {
    try {
      await quota(createQuota).acquire(6001);
    } catch (error) {
      isRangeError = error instanceof RangeError;
      throw error;
    }
  });
  return { ...seen, isRangeError };
}
