import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { defineScenario } from '#lib/provider';
import { refusal, watch } from './operations.ts';
import { BASE_MS } from './policy.ts';

type Budget = ReturnType<typeof Subject.createBudget>;

/** Shares of which each needs so many operations for its first retry. */
export const SHARES: [share: number, operations: number][] = [
  [1, 1],
  [0.3, 4],
  [0.25, 4],
  [0.1, 10],
  [0.05, 20],
];
export const RESERVE = 10;
/** More than any budget gives out here. */
export const MOST = 1000;

/** Budgets asked by themselves, and by operations that share one. */
export const budgets = defineScenario({
  traffic: () => null,
  async play({ withRetry, createBudget }: typeof Subject, { clock }) {
    const quiet = createBudget(0.1, RESERVE);
    for (let i = 0; i < MOST; i += 1) quiet.earn();
    const tight = createBudget(0.1, 1);
    spendAll(tight);
    const attemptsWith = (budget: Budget, error: () => unknown, commits = false, attempts = 3) => {
      const policy = { attempts, deadlineMs: 60_000, baseMs: BASE_MS, budget };
      const fails = (_: number, commit: () => void) => {
        if (commits) commit();
        return error();
      };
      return watch(clock, (operation) => withRetry(operation, policy), fails).then(
        ({ numbers }) => numbers.length,
      );
    };
    const shared = createBudget(1, 1);
    const single = createBudget(0, 1);
    const failing = () => refusal(500);
    await attemptsWith(single, () => refusal(400));
    await attemptsWith(single, failing, true);
    await attemptsWith(single, failing, false, 1);
    return {
      atOnce: spendAll(createBudget(0.1, RESERVE)),
      saved: spendAll(quiet),
      operations: SHARES.map(([share]) => operationsFor(share)),
      inAll: Array.from({ length: MOST }, () => earnAndSpend(tight)).filter(Boolean).length,
      earned: [await attemptsWith(shared, failing), await attemptsWith(shared, failing)],
      afterOthers: await attemptsWith(single, failing),
    };

    /** How many operations an empty budget needs for a retry. */
    function operationsFor(share: number): number {
      const budget = createBudget(share, 2);
      spendAll(budget);
      let operations = 1;
      while (operations < MOST && !earnAndSpend(budget)) operations += 1;
      return operations;
    }
  },
});

function earnAndSpend(budget: Budget): boolean {
  budget.earn();
  return budget.spend();
}

/** How many retries a budget gives out at once. */
function spendAll(budget: Budget): number {
  let retries = 0;
  while (retries < MOST && budget.spend()) retries += 1;
  return retries;
}
