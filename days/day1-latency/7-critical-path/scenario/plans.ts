import type * as Subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import { callAndLeave, type Leaving } from '#lib/check/cancellation.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../../contracts/run-plan.ts';

/** A step of a small plan: it takes a while, then gives its own name, a decision, or an error. */
interface Small {
  needs?: string[];
  takesMs: number;
  says?: boolean;
  fails?: true;
  onlyIf?: string;
}

/** When the users of the last plans leave. */
export const LEAVES_MS = 150;

/** Small plans without a provider, one for each corner of the contract. */
export const plans = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const play = (steps: Record<string, Small>, critical: string[], leaving: Leaving = 'never') =>
      playPlan(subject, clock, steps, critical, leaving);
    const page: Record<string, Small> = {
      first: { takesMs: 100 },
      second: { takesMs: 100, needs: ['first'] },
      third: { takesMs: 100, needs: ['second'] },
    };
    return {
      /** What needs a part that is not wanted. */
      unwanted: await play(
        {
          decision: { takesMs: 200, says: false },
          letter: { takesMs: 100, onlyIf: 'decision' },
          stamp: { takesMs: 100, needs: ['letter'] },
          post: { takesMs: 100, needs: ['stamp'] },
          page: { takesMs: 50 },
        },
        ['page'],
      ),
      /** The same, and the decision comes while the part is being made. */
      unwantedEarly: await play(
        {
          decision: { takesMs: 50, says: false },
          letter: { takesMs: 100, onlyIf: 'decision' },
          stamp: { takesMs: 100, needs: ['letter'] },
          page: { takesMs: 50 },
        },
        ['page'],
      ),
      /** The decision itself fails, after the part is ready. */
      undecided: await play(
        {
          decision: { takesMs: 200, fails: true },
          letter: { takesMs: 100, onlyIf: 'decision' },
          page: { takesMs: 50 },
        },
        ['page'],
      ),
      /** What a part needs that is not critical fails. */
      lost: await play(
        {
          ads: { takesMs: 50, fails: true },
          banner: { takesMs: 50, needs: ['ads'] },
          frame: { takesMs: 50, needs: ['banner'] },
          page: { takesMs: 100 },
        },
        ['page'],
      ),
      /** What a critical part needs fails, and is not itself in the list of critical ones. */
      needed: await play(
        {
          prices: { takesMs: 100, fails: true },
          page: { takesMs: 50, needs: ['prices'] },
          rest: { takesMs: 900 },
        },
        ['page'],
      ),
      before: await play(page, ['first'], 'before'),
      during: await play(page, ['first'], LEAVES_MS),
      stays: await play(page, ['first']),
    };
  },
});

/** Plays a plan, and tells how it ended, what was begun and when, what was aborted, and what was shown. */
async function playPlan(
  { runPlan }: typeof Subject,
  clock: Clock,
  small: Record<string, Small>,
  critical: string[],
  leaving: Leaving,
) {
  const startMs = clock.now();
  const begun: string[] = [];
  const aborted: string[] = [];
  const shown: { atMs: number; names: string[] }[] = [];
  const steps = Object.fromEntries(Object.entries(small).map(([name, each]) => [name, stepOf(name, each)]));
  const onPartial = (parts: Contract.Parts) =>
    void shown.push({ atMs: clock.now() - startMs, names: Object.keys(parts).sort() });
  const ended = await callAndLeave(clock, leaving, async (signal) =>
    Object.keys(await runPlan(steps, { critical, onPartial, signal })).sort(),
  );
  // What was not stopped shows itself by now.
  await clock.sleep(2000);
  return { ended, begun, aborted, shown };

  function stepOf(name: string, { needs = [], takesMs, says, fails, onlyIf }: Small): Contract.Step {
    return {
      needs,
      ...(onlyIf && { onlyIf: { step: onlyIf, says: (result) => result === true } }),
      async run(_, signal) {
        begun.push(name);
        await clock.sleep(takesMs, signal).catch((reason) => {
          aborted.push(name);
          throw reason;
        });
        if (fails) throw new Error(`${name} failed`);
        return says ?? name;
      },
    };
  }
}
