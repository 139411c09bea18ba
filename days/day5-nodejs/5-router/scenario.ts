import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import {
  type Call,
  defineProvider,
  defineScenario,
  greyFailure,
  leastEffort,
  modelFor,
  type Premise,
  percentile,
  rateLimitStorm,
} from '#lib/provider';
import {
  ANSWER,
  type Answered,
  arrivals,
  askAll,
  body,
  LONG_ANSWER,
  PACE,
  type Question,
} from '../routing/ask.ts';

export {
  CHECK_EVERY_MS,
  checks,
  FAILURES,
  failing,
  INNOCENT,
  WAITS,
  waiting,
} from '../routing/breaking.ts';
export { BURSTS_MS, busy } from '../routing/busy.ts';
export { DOWN_MS, MORNING_MS, night } from '../routing/night.ts';
export { MANY, MOST_EXTRA, PACES_MS, racing } from '../routing/racing.ts';
export { DRAWN, draws, homes, places, SLOWED_MS, TAKES_MS, told } from '../routing/told.ts';
export { BALANCERS, CHOSEN, p95Of, UNEVEN, uneven } from '../routing/uneven.ts';

export const premises: Premise[] = [
  {
    says: 'The small model can answer without thinking first: thoughts vary so much that no second call would shorten the tail',
    holds: () => (leastEffort(modelFor('small')) ?? 'none') === 'none',
  },
];

// --- a bad afternoon ---------------------------------------------------------------------------------------------

const REGIONS = ['east', 'west', 'north'];
const FLAGGED_MS = { fromMs: 4000, toMs: 9000 };
export const GREY_MS = { fromMs: 14_000, toMs: 40_000 };
export const OUTAGE_MS = { fromMs: 50_000, toMs: 90_000 };
const THROTTLED_MS = { fromMs: 108_000, toMs: 133_000 };
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
    askAll(
      subject,
      {
        deployments: REGIONS.map((name) => ({ name })),
        checks: { everyMs: 5000, untilMs: THROTTLED_MS.toMs },
      },
      world,
    ),
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
    // No answer is there before the quickest region has given it to a call made at once, however many are asked.
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
        // A straggler found out at three and a half times the usual time and answered elsewhere in the usual time.
        target: 4.5 * percentile(single, 50),
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
