import type * as Subject from '#days/day1-latency/4-retry/retry.ts';
import { defineScenario, quick, type Random } from '#lib/provider';
import { withQuota } from '../../provider.ts';
import { ATTEMPTS, everyone, textOf } from './policy.ts';

export { budgets, MOST, RESERVE, SHARES } from './budgets.ts';
export { corners, LASTING, PASSING, PROMPTS } from './corners.ts';
export { herd } from './herd.ts';
export { DRAWN_ATTEMPTS, ERRORS, HEADERS, operations, SHORT_MS } from './operations.ts';
export { ATTEMPTS, BASE_MS, DEADLINE_MS, type Told } from './policy.ts';

const REQUESTS = 200;
const MINUTE_MS = 60_000;
const OUTAGE = { fromMs: 15_000, toMs: 45_000 };
/** Nobody waits longer in the brown-out. */
const PATIENCE_MS = 5000;

/** Two hundred clients ask in the course of a minute; for half of it, every call from the west is dropped. */
export const scenario = defineScenario({
  provider: withQuota({ requestsPerMin: 240, sliceMs: 10_000 }),
  faults: [
    { when: { ...OUTAGE, promptIncludes: '(west)' }, effect: { cutAfterTokens: 1 } },
    { when: { share: 0.03 }, effect: { error: 'server_error' } },
  ],
  answer: ({ sentences }) => sentences(100),
  traffic: clients,
  async play({ ask, createBudget }: typeof Subject, { openai, model, clock, traffic }) {
    const policy = {
      attempts: ATTEMPTS,
      deadlineMs: PATIENCE_MS,
      baseMs: 250,
      budget: createBudget(0.1, 10),
    };
    const asked = traffic.map(async ({ atMs, prompt }) => {
      await clock.sleep(atMs);
      const messages = [{ role: 'user' as const, content: prompt }];
      return textOf(await ask(openai, { ...quick(model), messages }, policy));
    });
    return everyone(asked, clock.now);
  },
  readings({ traffic, ledger, outcome }) {
    const possible = traffic.filter((client) => !hopeless(client)).length / REQUESTS;
    const answered = traffic.filter(({ atMs, prompt }, i) => {
      const { text, atMs: toldMs = 0 } = outcome.value[i] ?? {};
      const inTime = toldMs <= atMs + PATIENCE_MS;
      return (
        inTime && ledger.callsFor(prompt).some((call) => call.outcome === 'answered' && call.answer === text)
      );
    }).length;
    return {
      'attempts per request': {
        unit: 'ratio',
        better: 'lower',
        value: ledger.calls.length / REQUESTS,
        target: 1.2,
        // Each operation is run once at least.
        limit: 1,
      },
      'answered in time': {
        unit: 'share',
        better: 'higher',
        value: answered / REQUESTS,
        target: possible * 0.9,
        limit: possible,
      },
    };
  },
});

export interface Client {
  atMs: number;
  prompt: string;
}

/** They come one after the other, about every 0.3 s; of each five, two are from the west. */
function clients(random: Random): Client[] {
  const gapMs = MINUTE_MS / REQUESTS;
  const sides = Array.from({ length: REQUESTS / 5 }, () =>
    random.shuffle(['west', 'west', 'east', 'east', 'east']),
  );
  return sides.flat().map((side, i) => ({
    atMs: Math.floor((i + random.next()) * gapMs),
    prompt: `Client ${i} (${side}): where is my parcel?`,
  }));
}

/** True if nothing could answer the client: all the time that it waits, its calls are dropped. */
function hopeless({ atMs, prompt }: Client): boolean {
  return prompt.includes('(west)') && atMs >= OUTAGE.fromMs && atMs + PATIENCE_MS < OUTAGE.toMs;
}
