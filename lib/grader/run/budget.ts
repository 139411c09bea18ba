import { costMicroUsd, type ModelPrice } from '../../provider/money.ts';
import type { RunEvent } from '../../workbook/run-events.ts';
import type { Account } from './account.ts';
import { type Bounded, boundRequest } from './bound.ts';

type Fetch = typeof globalThis.fetch;

/** Thrown in place of a call that could go over the budget. */
export class BudgetError extends Error {
  override readonly name = 'BudgetError';
}

/** What a live run has spent. */
export interface Budget {
  /** Sends a request only if the budget covers the most that it may cost, which the request is made to state. */
  guard(inner: Fetch): Fetch;
  /** A call ended: what was set aside for it is given back. Calls are numbered from 1, as they passed the guard. */
  settle(ended: Extract<RunEvent, { event: 'ended' }>): void;
}

/**
 * Keeps a live run under a number of dollars. Before a call is sent, the most it can cost is set aside: its input at a
 * token for each byte, which no tokenizer exceeds, and all the output that it allows. A call that allows any output is
 * capped at what its share of the budget pays for. When the call has ended, its usage counts instead; one that ends
 * without usage (a stream that was not asked for it) counts with all that was set aside.
 */
export function createBudget(
  budgetUsd: number,
  { priceFor, outputCap }: Pick<Account, 'priceFor' | 'outputCap'>,
  expectedCalls: number,
): Budget {
  const budgetMicroUsd = budgetUsd * 1e6;
  const shareMicroUsd = budgetMicroUsd / Math.max(1, expectedCalls);
  const aside = new Map<number, { most: number; price: ModelPrice }>();
  let calls = 0;
  let spent = 0;
  return {
    guard: (inner) => async (input, init) => {
      const price = priceFor(modelOf(init));
      const bounded = boundRequest(String(input), init, { outputCap, price, shareMicroUsd });
      if ('problem' in bounded) throw new BudgetError(bounded.problem);
      const most = mostMicroUsd(bounded, price);
      const reserved = [...aside.values()].reduce((sum, each) => sum + each.most, 0);
      if (spent + reserved + most > budgetMicroUsd) {
        throw new BudgetError(
          `The budget of $${budgetUsd} is used up: $${usd(spent)} is spent, $${usd(reserved)} is set aside for calls ` +
            `under way, and this call may cost $${usd(most)}. Run again with --budget and more dollars.`,
        );
      }
      calls += 1;
      aside.set(calls, { most, price });
      return inner(input, { ...init, ...(bounded.body !== undefined && { body: bounded.body }) });
    },
    settle({ id, status, usage }) {
      const call = aside.get(id);
      aside.delete(id);
      if (!call) return;
      if (usage) spent += costMicroUsd(usage, call.price);
      else if (status < 400) spent += call.most; // Vendors charge nothing for a refusal.
    },
  };
}

/** Writing a prompt to the provider's cache may cost more than reading it. */
function mostMicroUsd({ input, output }: Bounded, price: ModelPrice): number {
  return costMicroUsd({ input, cached: 0, cacheWrite: price.cacheWrite ? input : 0, output }, price);
}

function modelOf(init: RequestInit | undefined): unknown {
  try {
    return (JSON.parse(String(init?.body)) as { model?: unknown }).model;
  } catch {
    return undefined;
  }
}

function usd(microUsd: number): string {
  return (microUsd / 1e6).toFixed(6);
}
