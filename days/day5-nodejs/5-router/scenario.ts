import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import type { Clock } from '#lib/clock';
import {
  type Call,
  defineProvider,
  defineScenario,
  greyFailure,
  percentile,
  type Random,
  rateLimitStorm,
  sum,
} from '#lib/provider';

/** A deployment's own pace: about a second for an answer of 60 tokens. */
const PACE = {
  model: 'gpt-4o-mini',
  vendor: 'azure',
  latency: { ttftMs: 300, outputPerSec: 100, p95OverP50: 1.5 },
} as const;
const ANSWER = 'All of this is settled and you need do nothing more. '.repeat(5).trim();
const LONG_ANSWER = 'All of this is settled and you need do nothing more. '.repeat(20).trim();

/** A question at a moment, and what became of it. */
export interface Question {
  atMs: number;
  tenant: string;
  prompt: string;
  streamed?: boolean;
}

export interface Answered {
  question: Question;
  text?: string;
  error?: unknown;
  ms: number;
  /** What was shown of a streamed answer. */
  shown: string;
}

interface Setting {
  deployments: readonly Subject.Deployment[];
  /** Prepended to every question of a tenant. */
  systemPrompt?: (tenant: string) => string;
}

/** Asks each question at its moment, whatever became of those before it. */
async function askAll(
  { Router }: typeof Subject,
  { deployments, systemPrompt }: Setting,
  world: { azure: Subject.RouterOptions['client']; clock: Clock; random: Random; traffic: Question[] },
): Promise<Answered[]> {
  const { azure, clock, random } = world;
  const router = new Router({ client: azure, deployments, random: () => random.next() });
  return Promise.all(
    world.traffic.map(async (question): Promise<Answered> => {
      const { atMs, tenant, prompt, streamed } = question;
      await clock.sleep(atMs);
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }];
      if (systemPrompt) messages.unshift({ role: 'system', content: systemPrompt(tenant) });
      let shown = '';
      const onToken = (text: string) => {
        shown += text;
      };
      try {
        const text = await router.call({ tenant, messages, ...(streamed && { onToken }) });
        return { question, text, ms: clock.now() - atMs, shown };
      } catch (error) {
        return { question, error, ms: clock.now() - atMs, shown };
      }
    }),
  );
}

/** Questions at about `perSec`, each of a tenant of its own. */
function arrivals(random: Random, fromMs: number, toMs: number, perSec: number, what: string): Question[] {
  const gapMs = 1000 / perSec;
  const count = Math.round((toMs - fromMs) / gapMs);
  return Array.from({ length: count }, (_, i) => ({
    atMs: Math.round(fromMs + (i + 0.6 * random.next()) * gapMs),
    tenant: `${what}-${i}`,
    prompt: `${what} question ${i}: what is settled?`,
  }));
}

// --- money and bursts --------------------------------------------------------------------------------------------

const RESERVED_PLACES = 3;
const BUSY_DEPLOYMENTS = [
  { name: 'reserved', places: RESERVED_PLACES },
  { name: 'east' },
  { name: 'west' },
  { name: 'north' },
];
const BURST = 15;
const STEADY_MS = 12_000;
export const BURSTS_MS = [20_000, 30_000];

/** Twelve seconds of steady traffic, then two bursts. Three places are paid for; the other deployments take eight. */
export const busy = defineScenario({
  provider: defineProvider({
    deployments: {
      reserved: { ...PACE, maxConcurrent: RESERVED_PLACES },
      east: { ...PACE, maxConcurrent: 8 },
      west: { ...PACE, maxConcurrent: 8 },
      north: { ...PACE, maxConcurrent: 8 },
    },
  }),
  answer: () => ANSWER,
  traffic: (random) => [
    ...arrivals(random, 0, STEADY_MS, 3, 'steady'),
    ...BURSTS_MS.flatMap((atMs, burst) =>
      Array.from({ length: BURST }, (_, i) => ({
        atMs,
        tenant: `burst-${burst}-${i}`,
        prompt: `burst ${burst} question ${i}: what is settled?`,
      })),
    ),
  ],
  play: (subject: typeof Subject, world) => askAll(subject, { deployments: BUSY_DEPLOYMENTS }, world),
  readings({ traffic, quote, ledger }) {
    const byToken = sum(
      ledger.calls.filter((call) => call.deployment !== 'reserved').map((call) => call.costMicroUsd),
    );
    const quotes = traffic.map(({ prompt }) => quote('azure', body('reserved', prompt)));
    return {
      'paid by the token': {
        unit: 'microUsd',
        better: 'lower',
        value: byToken,
        target: beyondPlaces(traffic, quotes) * 1.15,
        limit: leastByToken(traffic, quotes),
      },
    };
  },
});

function body(model: string, prompt: string) {
  return { model, messages: [{ role: 'user' as const, content: prompt }] };
}

interface Priced {
  totalMs: number;
  costMicroUsd: number;
}

/** What is left for others when each question takes a paid place if one is free as it arrives. */
function beyondPlaces(traffic: readonly Question[], quotes: readonly Priced[]): number {
  const freeAtMs = Array.from({ length: RESERVED_PLACES }, () => 0);
  let left = 0;
  for (const [i, { atMs }] of traffic.entries()) {
    const { totalMs, costMicroUsd } = quotes[i] as Priced;
    const place = freeAtMs.findIndex((freeMs) => freeMs <= atMs);
    if (place < 0) left += costMicroUsd;
    else freeAtMs[place] = atMs + totalMs;
  }
  return left;
}

/**
 * No code pays less: of each run of questions the paid places can take no more than fits into their time, the
 * dearest for its time first, from the first arrival to the last and once more for those under way at its end.
 */
function leastByToken(traffic: readonly Question[], quotes: readonly Priced[]): number {
  const spans = [[0, STEADY_MS], ...BURSTS_MS.map((atMs) => [atMs, atMs])] as [number, number][];
  return sum(
    spans.map(([fromMs, toMs]) => {
      const inSpan = quotes.filter((_, i) => {
        const { atMs } = traffic[i] as Question;
        return atMs >= fromMs && atMs <= toMs;
      });
      // Paying by the token is for those who will not wait; what waited for a place may begin much later.
      const slowestMs = Math.max(...inSpan.map((it) => it.totalMs));
      let roomMs = RESERVED_PLACES * (toMs - fromMs + slowestMs);
      let cost = 0;
      for (const it of [...inSpan].sort((a, b) => b.costMicroUsd / b.totalMs - a.costMicroUsd / a.totalMs)) {
        const share = Math.min(1, roomMs / it.totalMs);
        roomMs -= share * it.totalMs;
        cost += (1 - share) * it.costMicroUsd;
      }
      return cost;
    }),
  );
}

// --- a bad afternoon ---------------------------------------------------------------------------------------------

export const REGIONS = ['east', 'west', 'north'];
export const FLAGGED_MS = { fromMs: 4000, toMs: 9000 };
export const GREY_MS = { fromMs: 14_000, toMs: 40_000 };
export const OUTAGE_MS = { fromMs: 50_000, toMs: 90_000 };
export const THROTTLED_MS = { fromMs: 108_000, toMs: 133_000 };
export const FLAGGED = '[raw payload]';

/** What `run` shows. */
export { afternoon as scenario };

/** 25 blocked prompts in a row; west fails fast or answers slowly; east is down; north asks to wait 25 s. */
export const afternoon = defineScenario({
  provider: defineProvider({ deployments: { east: PACE, west: PACE, north: PACE } }),
  faults: [
    { when: { promptIncludes: FLAGGED }, effect: { error: 'content_filter' } },
    // At first every call to it fails; then one in ten is answered, late.
    {
      when: { ...GREY_MS, toMs: GREY_MS.fromMs + 8000, deployment: 'west' },
      effect: { error: 'server_error' },
    },
    ...greyFailure({ ...GREY_MS, deployment: 'west', share: 0.9, slowdown: 4 }),
    { when: { ...OUTAGE_MS, deployment: 'east' }, effect: { error: 'overloaded' } },
    ...rateLimitStorm({ ...THROTTLED_MS, deployment: 'north', retryAfterMs: 25_000 }),
  ],
  answer: () => ANSWER,
  traffic: (random) => [
    ...arrivals(random, 0, GREY_MS.fromMs, 1, 'early'),
    ...arrivals(random, FLAGGED_MS.fromMs, FLAGGED_MS.toMs, 5, 'flagged').map((question) => ({
      ...question,
      tenant: 'importer',
      prompt: `${question.prompt} ${FLAGGED}`,
    })),
    ...arrivals(random, GREY_MS.fromMs, OUTAGE_MS.fromMs, 1, 'grey'),
    ...arrivals(random, OUTAGE_MS.fromMs, OUTAGE_MS.toMs, 1.6, 'outage'),
    ...arrivals(random, OUTAGE_MS.toMs, THROTTLED_MS.fromMs, 1, 'after'),
    ...arrivals(random, THROTTLED_MS.fromMs, THROTTLED_MS.toMs, 1.6, 'throttled'),
  ],
  play: (subject: typeof Subject, world) =>
    askAll(subject, { deployments: REGIONS.map((name) => ({ name })) }, world),
  readings({ outcome }) {
    const good = outcome.value.filter(({ question }) => !question.prompt.includes(FLAGGED));
    // At every moment two of three regions are well, so that every question can be answered.
    return {
      'questions answered': {
        unit: 'share',
        better: 'higher',
        value: good.filter((it) => it.text !== undefined).length / good.length,
        target: 1,
        limit: 1,
      },
    };
  },
});

// --- the tail ----------------------------------------------------------------------------------------------------

const CALM_MS = { fromMs: 0, toMs: 75_000 };
const OVERLOAD_MS = { fromMs: 76_000, toMs: 90_000 };
/** One call in 25 takes so many times as long as it would, whoever gets it. */
const STRAGGLER_FACTOR = 6;
const STRAGGLERS = Array.from({ length: 15 }, (_, i) => 25 * (i + 1));
export const HEDGE_SHARE = 0.05;

/** One call in 25 takes six times as long; at the end all three regions are overloaded. */
export const tail = defineScenario({
  provider: defineProvider({
    deployments: { east: PACE, west: PACE, north: PACE },
  }),
  faults: [
    { when: OVERLOAD_MS, effect: { slowdown: 4 } },
    { when: { ordinal: STRAGGLERS }, effect: { slowdown: STRAGGLER_FACTOR } },
  ],
  answer: ({ prompt }) => (prompt.startsWith('stream') ? LONG_ANSWER : ANSWER),
  traffic: (random) => [
    ...arrivals(random, CALM_MS.fromMs, CALM_MS.toMs, 2, 'calm'),
    ...arrivals(random, 40_000, 70_000, 0.1, 'stream').map((question) => ({ ...question, streamed: true })),
    ...arrivals(random, OVERLOAD_MS.fromMs, OVERLOAD_MS.toMs, 2, 'overload'),
  ],
  play: (subject: typeof Subject, world) =>
    askAll(subject, { deployments: REGIONS.map((name) => ({ name })) }, world),
  readings({ traffic, quote, ledger, outcome }) {
    const calm = calmOf(outcome.value);
    const ms = (name: string, { prompt }: Question) => quote('azure', body(name, prompt)).totalMs;
    // The best single call for each question: a code that keeps to its budget has only one for 95 of 100.
    const best = calm.map(({ question }) => Math.min(...REGIONS.map((name) => ms(name, question))));
    const single = calm.map(({ question }) => ms('east', question));
    return {
      'p97 of calm traffic': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          calm.map((it) => it.ms),
          97,
        ),
        // A straggler found out at two and a half times the usual time and answered elsewhere in the usual time.
        target: 3.5 * percentile(single, 50),
        limit: percentile(best, 97),
      },
      'extra calls': {
        unit: 'share',
        better: 'lower',
        value: (ledger.calls.length - traffic.length) / traffic.length,
        target: HEDGE_SHARE,
        limit: 0,
      },
    };
  },
});

/** Whole answers asked for in calm times, without the first thirty, from which a router learns what is slow. */
export function calmOf(answered: readonly Answered[]): Answered[] {
  return answered.filter(({ question }) => question.prompt.startsWith('calm')).slice(30);
}

// --- the prompt cache --------------------------------------------------------------------------------------------

const TENANTS = 15;
const QUESTIONS_EACH = 4;

/** Fifteen tenants ask four questions each; each tenant's questions begin with its own 1,100 tokens. */
export const tenants = defineScenario({
  provider: defineProvider({ deployments: { east: PACE, west: PACE, north: PACE } }),
  answer: () => ANSWER,
  traffic: (random) =>
    random.shuffle(Array.from({ length: TENANTS * QUESTIONS_EACH }, (_, i) => i)).map((i, place) => ({
      atMs: place * 1500,
      tenant: `tenant-${i % TENANTS}`,
      prompt: `question ${i}: what is settled?`,
    })),
  play: (subject: typeof Subject, world) =>
    askAll(subject, { deployments: REGIONS.map((name) => ({ name })), systemPrompt }, world),
  readings({ traffic, ledger }) {
    return {
      'prompt-cache hits': {
        unit: 'share',
        better: 'higher',
        value: traffic.filter((question) => hit(ledger.callsFor(question.prompt))).length / traffic.length,
        // Half-way between one cold start for each tenant and one for each tenant in every region.
        target: 0.65,
        // The first question of each tenant has nothing to hit.
        limit: (QUESTIONS_EACH - 1) / QUESTIONS_EACH,
      },
    };
  },
});

function hit(calls: readonly Call[]): boolean {
  return calls.some((call) => call.outcome === 'answered' && call.tokens.cached > 0);
}

function systemPrompt(tenant: string): string {
  return `You answer for ${tenant}. ${'Be brief, name the rule you apply, and never promise a date that is not in the file. '.repeat(60)}`;
}
