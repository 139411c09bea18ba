import { costMicroUsd, type ModelPrice } from '../../provider/money.ts';
import type { Usage } from '../../workbook/run-events.ts';

type Fetch = typeof globalThis.fetch;

/** Thrown in place of a call that could go over the budget. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

/** What a live run has spent. */
export interface Budget {
  spentMicroUsd(): number;
  /** Sends a request only if the budget covers what it may cost. */
  guard(inner: Fetch): Fetch;
  /** A call ended with this usage: what was set aside for it is given back. */
  settle(usage: Usage | undefined): void;
}

/** Output set aside for a call that names no most of its own. */
const OUTPUT_TOKENS_UNLESS_SAID = 1000;
/** English has about four characters a token; fewer are reckoned, to be on the safe side. */
const CHARACTERS_PER_TOKEN = 3;

/** Keeps a live run under a number of dollars. A call without usage counts with what was set aside for it. */
export function createBudget(budgetUsd: number, price: ModelPrice): Budget {
  const budgetMicroUsd = budgetUsd * 1e6;
  const aside: number[] = [];
  let spent = 0;
  return {
    spentMicroUsd: () => spent,
    guard: (inner) => async (input, init) => {
      const most = mostMicroUsd(String(init?.body ?? ''), price);
      const reserved = aside.reduce((sum, each) => sum + each, 0);
      if (spent + reserved + most > budgetMicroUsd) {
        throw new BudgetError(
          `The budget of $${budgetUsd} is used up: $${(spent / 1e6).toFixed(6)} is spent, and this call may cost ` +
            `$${(most / 1e6).toFixed(6)}. Run again with --budget and more dollars.`,
        );
      }
      aside.push(most);
      return inner(input, init);
    },
    settle(usage) {
      const reserved = aside.shift() ?? 0;
      spent += usage ? costMicroUsd(usage, price) : reserved;
    },
  };
}

function mostMicroUsd(body: string, price: ModelPrice): number {
  const said = /"max_(?:completion_|output_)?tokens"\s*:\s*(\d+)/.exec(body)?.[1];
  const output = said === undefined ? OUTPUT_TOKENS_UNLESS_SAID : Number(said);
  return costMicroUsd({ input: Math.ceil(body.length / CHARACTERS_PER_TOKEN), cached: 0, output }, price);
}
