import type * as Subject from '#days/day1-latency/7-critical-path/run-plan.ts';
import {
  defineScenario,
  percentile,
  type Quote,
  type Random,
  type Run,
  sum,
  type World,
} from '#lib/provider';
import type * as Contract from '../contracts/run-plan.ts';
import { provider } from '../provider.ts';

const PAGES = 20;
const MODEL = 'gpt-4o-mini';
/** The provider's policy filter refuses what carries this. */
const FLAGGED = '[raw payload attached]';

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
const PARTS: Record<string, Part> = {
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

/** Twenty help pages, each made of eight steps. */
export const scenario = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FLAGGED }, effect: { error: 'invalid_prompt' } }],
  answer: ({ prompt, sentences }) => {
    const customer = Number(/customer (\d+)/.exec(prompt)?.[1]);
    if (prompt.startsWith('Thread')) return `${sentences(100)} ${customer % 2 ? 'Refund.' : 'No refund.'}`;
    if (prompt.startsWith('Refund letter')) return sentences(200);
    return sentences(prompt.startsWith('Title') ? 10 : 80);
  },
  traffic: (random) => Array.from({ length: PAGES }, (_, customer) => pageOf(customer, random)),
  play: (subject: typeof Subject, world: World<Page[]>) =>
    Promise.all(world.traffic.map((page) => show(subject, world, page))),
  readings(run) {
    const { value: seen } = run.outcome;
    const foreseen = run.traffic.map((page) => foresee(page, run));
    const criticalMs = percentile(
      foreseen.map((parts) => lastOf(parts, CRITICAL)),
      95,
    );
    const wholeMs = percentile(
      foreseen.map((parts) => lastOf(parts, Object.keys(parts))),
      95,
    );
    return {
      'p95 critical content': {
        unit: 'ms',
        better: 'lower',
        value: percentile(seen.map(criticalAfterMs), 95),
        target: criticalMs * 1.1,
        limit: criticalMs,
      },
      'p95 whole page': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          seen.map(({ startMs, endMs }) => endMs - startMs),
          95,
        ),
        target: wholeMs * 1.1,
        limit: wholeMs,
      },
      // Who waits for the decision writes nothing for nothing, and is late on the pages that do want the letter. Who
      // starts early pays for what is written until the decision is there; the target allows for that and a tenth.
      'tokens for nothing': {
        unit: 'tokens',
        better: 'lower',
        value: sum(unwantedCalls(run).map((call) => call.tokens.output)),
        target: sum(run.traffic.map((page) => (page.wantsRefund ? 0 : tokensUntilDecided(page, run)))) * 1.1,
        limit: 0,
      },
    };
  },
});

/** When the user of the first corner leaves. */
export const LEAVES_MS = 700;

/** What the page of this customer is decided to be, later than its letter is written. */
const DECIDED_LATE = { refund: 3, none: 2 };

/**
 * Two pages that come to nothing, one whose user leaves, one whose orders cannot be read; and two on which the decision
 * is slow.
 */
export const corners = defineScenario({
  provider,
  faults: Object.values(DECIDED_LATE).map((customer) => ({
    when: { promptIncludes: `Thread of customer ${customer}` },
    effect: { slowdown: 10 },
  })),
  answer: ({ prompt, sentences }) =>
    prompt.startsWith(`Thread of customer ${DECIDED_LATE.refund}`)
      ? `${sentences(100)} Refund.`
      : sentences(100),
  traffic: () => [0, 1, 2, 3].map((customer): Page => ({ ...PLAIN, customer })),
  async play(subject: typeof Subject, world: World<Page[]>) {
    const [left, broken, none, refund] = world.traffic as [Page, Page, Page, Page];
    const user = new AbortController();
    setTimeout(() => user.abort(new Error('the user left')), LEAVES_MS);
    return {
      left: await show(subject, world, left, { signal: user.signal }),
      broken: await show(subject, world, broken, { breaks: 'orders' }),
      none: await show(subject, world, none),
      refund: await show(subject, world, refund),
    };
  },
});

const PLAIN = { wantsRefund: false, refused: false, accountMs: 100, ordersMs: 200, policyMs: 300 };

function pageOf(customer: number, random: Random): Page {
  return {
    customer,
    wantsRefund: customer % 2 === 1,
    refused: customer % 5 === 0,
    accountMs: 80 + random.int(120),
    ordersMs: 200 + random.int(200),
    policyMs: 150 + random.int(450),
  };
}

async function show(
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
        const request = { model, messages: [{ role: 'user' as const, content }] };
        const completion = await openai.chat.completions.create(request, { signal: stop, maxRetries: 0 });
        return completion.choices[0]?.message.content;
      },
    };
  }
}

function wantsRefund(intent: unknown): boolean {
  return String(intent).endsWith(' Refund.');
}

function toolAnswer(name: string, { customer }: Page): string {
  return `The ${name} of customer ${customer}.`;
}

type Foreseen = Record<string, { value: unknown; doneMs: number }>;

/** What the parts of a page must be, and the earliest moment at which each can be there. */
export function foresee(page: Page, { quote }: Pick<Run<unknown, unknown>, 'quote'>): Foreseen {
  const foreseen: Foreseen = {};
  for (const [name, { needs, toolMs, prompt, onlyIfRefund }] of Object.entries(PARTS)) {
    if ((onlyIfRefund && !page.wantsRefund) || (name === 'related' && page.refused)) continue;
    const startMs = lastOf(foreseen, needs);
    const inputs = Object.fromEntries(needs.map((need) => [need, foreseen[need]?.value]));
    if (toolMs) foreseen[name] = { value: toolAnswer(name, page), doneMs: startMs + toolMs(page) };
    if (!prompt) continue;
    const { answer, totalMs } = quoteFor(prompt(page, inputs), quote);
    foreseen[name] = { value: answer, doneMs: startMs + totalMs };
  }
  // The letter may be written before it is decided that it is wanted, but not shown.
  const { letter, intent } = foreseen;
  if (letter && intent) letter.doneMs = Math.max(letter.doneMs, intent.doneMs);
  return foreseen;
}

function quoteFor(content: string, quote: World<unknown>['quote']): Quote {
  return quote('openai', { model: MODEL, messages: [{ role: 'user', content }] });
}

function lastOf(parts: Foreseen, names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => parts[name]?.doneMs ?? 0));
}

/** When all critical parts were first shown; the end if they never were. */
function criticalAfterMs({ shown, startMs, endMs }: Seen): number {
  const first = shown.find(({ parts }) => CRITICAL.every((name) => parts[name] !== undefined));
  return (first?.atMs ?? endMs) - startMs;
}

/** The letters that were begun and that nobody wants. */
export function unwantedCalls({ traffic, ledger }: Pick<World<Page[]>, 'traffic' | 'ledger'>) {
  const unwanted = new Set(traffic.filter((page) => !page.wantsRefund).map(({ customer }) => customer));
  return ledger.calls.filter(({ prompt }) =>
    unwanted.has(Number(/^Refund letter to customer (\d+)/.exec(prompt)?.[1] ?? -1)),
  );
}

/** How much of the letter is written when it turns out that it is not wanted. */
function tokensUntilDecided(page: Page, run: Pick<Run<unknown, unknown>, 'quote'>): number {
  const { orders, intent } = foresee(page, run);
  const prompt = PARTS.letter?.prompt?.(page, { orders: orders?.value }) ?? '';
  const { firstTokenMs, totalMs, outputTokens } = quoteFor(prompt, run.quote);
  const writesMs = (intent?.doneMs ?? 0) - (orders?.doneMs ?? 0) - firstTokenMs;
  const tokenMs = (totalMs - firstTokenMs) / (outputTokens - 1);
  return Math.min(outputTokens, Math.max(0, 1 + Math.floor(writesMs / tokenMs)));
}
