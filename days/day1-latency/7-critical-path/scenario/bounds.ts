import { modelFor, type Quote, quick, type Run, type World } from '#lib/provider';
import { CRITICAL, PARTS, type Page, type Seen, toolAnswer } from './pages.ts';

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
  return quote('openai', { ...quick(modelFor('small')), messages: [{ role: 'user', content }] });
}

export function lastOf(parts: Foreseen, names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => parts[name]?.doneMs ?? 0));
}

/** When all critical parts were first shown; the end if they never were. */
export function criticalAfterMs({ shown, startMs, endMs }: Seen): number {
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
export function tokensUntilDecided(page: Page, run: Pick<Run<unknown, unknown>, 'quote'>): number {
  const { orders, intent } = foresee(page, run);
  const prompt = PARTS.letter?.prompt?.(page, { orders: orders?.value }) ?? '';
  return quoteFor(prompt, run.quote).tokensBy((intent?.doneMs ?? 0) - (orders?.doneMs ?? 0));
}
