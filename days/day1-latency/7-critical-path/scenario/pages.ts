import type * as Subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import { quick, type Random, type World } from '#lib/provider';
import type * as Contract from '../../contracts/run-plan.ts';

export const PAGES = 20;
/** The provider's policy filter refuses what carries this. */
export const FLAGGED = '[raw payload attached]';

/** What a page is about, and what its tools take. */
export interface Page {
  customer: number;
  wantsRefund: boolean;
  /** The suggestions for this page are refused by the provider. */
  refused: boolean;
  accountMs: number;
  ordersMs: number;
  policyMs: number;
}

/** How one part is made: by a tool that takes a while, or by the model. */
interface Part {
  needs: string[];
  toolMs?: (page: Page) => number;
  prompt?: (page: Page, inputs: Contract.Parts) => string;
  onlyIfRefund?: true;
}

/** The help page: the reply is what the user waits for, the rest may follow. */
export const PARTS: Record<string, Part> = {
  account: { needs: [], toolMs: ({ accountMs }) => accountMs },
  policy: { needs: [], toolMs: ({ policyMs }) => policyMs },
  intent: { needs: [], prompt: ({ customer }) => `Thread of customer ${customer}: what do they want?` },
  orders: { needs: ['account'], toolMs: ({ ordersMs }) => ordersMs },
  reply: {
    needs: ['orders', 'policy'],
    prompt: ({ customer }, { orders, policy }) => `Reply to customer ${customer}. ${orders} ${policy}`,
  },
  related: {
    needs: ['account'],
    prompt: ({ customer, refused }, { account }) =>
      `Suggestions for customer ${customer}. ${account}${refused ? ` ${FLAGGED}` : ''}`,
  },
  letter: {
    needs: ['orders'],
    onlyIfRefund: true,
    prompt: ({ customer }, { orders }) => `Refund letter to customer ${customer}. ${orders}`,
  },
  title: {
    needs: ['reply'],
    prompt: ({ customer }, { reply }) => `Title in the history of customer ${customer}: ${reply}`,
  },
};
export const CRITICAL = ['orders', 'reply'];
/** The part that only some pages want. */
export const LETTER = 'letter';

/** One page as its user saw it. */
export interface Seen {
  page: Page;
  startMs: number;
  endMs: number;
  /** What each step was given. */
  inputs: Record<string, Contract.Parts>;
  shown: { atMs: number; parts: Contract.Parts }[];
  /** When the step broke that was to break. */
  brokeMs?: number;
  /** A copy of what was returned, at that moment. */
  result?: Contract.Parts;
  error?: unknown;
}

export const PLAIN = { wantsRefund: false, refused: false, accountMs: 100, ordersMs: 200, policyMs: 300 };

export function pageOf(customer: number, random: Random): Page {
  return {
    customer,
    wantsRefund: customer % 2 === 1,
    refused: customer % 5 === 0,
    accountMs: 80 + random.int(120),
    ordersMs: 200 + random.int(200),
    policyMs: 150 + random.int(450),
  };
}

export async function show(
  { runPlan }: typeof Subject,
  { openai, model, clock }: World<Page[]>,
  page: Page,
  { signal, breaks }: { signal?: AbortSignal; breaks?: string } = {},
): Promise<Seen> {
  const seen: Seen = { page, startMs: clock.now(), endMs: 0, inputs: {}, shown: [] };
  const steps = Object.fromEntries(Object.entries(PARTS).map(([name, part]) => [name, stepOf(name, part)]));
  const onPartial = (parts: Contract.Parts) =>
    void seen.shown.push({ atMs: clock.now(), parts: { ...parts } });
  try {
    seen.result = { ...(await runPlan(steps, { critical: CRITICAL, onPartial, ...(signal && { signal }) })) };
  } catch (error) {
    seen.error = error;
  }
  seen.endMs = clock.now();
  return seen;

  function stepOf(name: string, { needs, toolMs, prompt, onlyIfRefund }: Part): Contract.Step {
    return {
      needs,
      ...(onlyIfRefund && { onlyIf: { step: 'intent', says: wantsRefund } }),
      async run(inputs, stop) {
        seen.inputs[name] = { ...inputs };
        if (toolMs) await clock.sleep(toolMs(page), stop);
        if (name === breaks) {
          seen.brokeMs = clock.now();
          throw new Error('the order system is down');
        }
        if (!prompt) return toolAnswer(name, page);
        const content = prompt(page, { ...inputs });
        const request = { ...quick(model), messages: [{ role: 'user' as const, content }] };
        const completion = await openai.chat.completions.create(request, { signal: stop, maxRetries: 0 });
        return completion.choices[0]?.message.content;
      },
    };
  }
}

export function wantsRefund(intent: unknown): boolean {
  return String(intent).endsWith(' Refund.');
}

export function toolAnswer(name: string, { customer }: Page): string {
  return `The ${name} of customer ${customer}.`;
}
