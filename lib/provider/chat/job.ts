import type { FaultEffect } from '../faults.ts';
import type { Pace } from '../latency.ts';
import { findModel, type Model } from '../models.ts';
import { costPicoUsd, type Tier } from '../money.ts';
import { type CacheLifetime, type CacheRead, NOT_CACHED } from '../prompt-cache.ts';
import type { Job } from '../visit.ts';
import type { ChatBody } from './chat-body.ts';
import { type ChatPlan, type ChoicePlan, paceOf } from './chat-plan.ts';
import { firstPieces, saidOf } from './pieces.ts';
import { type AnsweredTier, tierInAnswer, tierOf } from './tier.ts';

/** Idle connections are dropped after about five minutes on the way. */
const STALL_MS = 300_000;

/** One admitted chat request: what was planned, and when each choice's parts are due. */
export interface ChatJob extends Job {
  plan: ChatPlan;
  body: ChatBody;
  cache: CacheRead;
  paces: readonly Pace[];
  tier: Tier;
  /** The same in the words of the answer. */
  answeredTier: AnsweredTier;
}

/** What the cache and the load make of a plan at the moment when the work begins. */
export function beginChat(job: Job, plan: ChatPlan, body: ChatBody): ChatJob {
  const { simulator } = job.visit;
  const cache = readCache(job, plan, body);
  const circumstances = { cachedTokens: cache.cached, slowdown: job.slowdown };
  const planned = job.effect ? faultyPlan(plan, job.effect) : plan;
  const paces = planned.choices.map((choice) => paceOf(choice, circumstances));
  // A prompt can be reused once it has been read, which is when the headers go out or later.
  cache.commit(simulator.clock.now() + (paces[0]?.headersMs ?? 0));
  const tier = tierOf(body.service_tier);
  const answeredTier = tierInAnswer(tier, findModel(job.deployment.model) as Model);
  return Object.assign(job, { plan: planned, body, cache, paces, tier, answeredTier });
}

/** Ends a call and bills what was generated: input once the model began to read, output token by token. */
export function settle(
  job: ChatJob,
  outcome: 'answered' | 'aborted' | 'broken',
  /** How many pieces of each choice were made. */
  made: readonly number[] | 'all',
): void {
  const { visit, call, plan, cache, paces, tier, beganMs } = job;
  const workedMs = visit.simulator.clock.now() - beganMs;
  let answer = '';
  let output = 0;
  let reasoning = 0;
  for (const [i, { said: whole, reasoningTokens }] of plan.choices.entries()) {
    const count = made === 'all' ? 1 : (made[i] ?? 0);
    const said = made === 'all' ? whole : saidOf(whole.pieces.slice(0, count));
    const done = count > 0 || outcome === 'answered';
    reasoning += done ? reasoningTokens : (paces[i]?.thoughtBy(workedMs) ?? 0);
    output += said.tokens;
    if (i === 0) answer = said.text;
  }
  output += reasoning;
  const tokens = {
    input: plan.inputTokens,
    cached: cache.cached,
    output,
    reasoning,
    cacheWrite: cache.written,
    ...(cache.written12h > 0 && { cacheWrite12h: cache.written12h }),
  };
  job.end({
    outcome,
    tier,
    tokens,
    finish: outcome === 'answered' ? (plan.choices[0] as ChoicePlan).finish : null,
    answer,
    costPicoUsd: costPicoUsd(tokens, visit.simulator.priceOf(call.model), tier),
  });
}

/** How a faulty answer breaks off: after how many tokens, how, and how long the silence before lasts. */
export interface Break {
  afterTokens: number;
  how: 'lost' | 'ended' | 'malformed' | 'failed';
  silenceMs: number;
}

export function breakOf({ effect }: Pick<Job, 'effect'>): Break | undefined {
  if (!effect) return undefined;
  if ('cutAfterTokens' in effect) return { afterTokens: effect.cutAfterTokens, how: 'lost', silenceMs: 0 };
  if ('stallAfterTokens' in effect)
    return { afterTokens: effect.stallAfterTokens, how: 'lost', silenceMs: effect.forMs ?? STALL_MS };
  if ('endAfterTokens' in effect) return { afterTokens: effect.endAfterTokens, how: 'ended', silenceMs: 0 };
  if ('malformedAfterTokens' in effect)
    return { afterTokens: effect.malformedAfterTokens, how: 'malformed', silenceMs: 0 };
  if ('failAfterTokens' in effect)
    return { afterTokens: effect.failAfterTokens, how: 'failed', silenceMs: 0 };
  return undefined;
}

function faultyPlan(plan: ChatPlan, effect: FaultEffect): ChatPlan {
  if (!('finishAfterTokens' in effect)) return plan;
  const { finishAfterTokens: most, finish } = effect;
  const cut = (choice: ChoicePlan) => ({
    ...choice,
    said: saidOf(firstPieces(choice.said.pieces, most)),
    finish,
  });
  return { ...plan, choices: plan.choices.map(cut) };
}

function readCache(job: Job, { prompt, inputTokens }: ChatPlan, body: ChatBody): CacheRead {
  if (!prompt) return NOT_CACHED;
  const { simulator } = job.visit;
  const read = simulator.stateOf(job.deployment).cache.read(
    {
      prompt,
      key: body.prompt_cache_key ?? '',
      implicit: body.prompt_cache_options?.mode !== 'explicit',
      ...lifetimeOf(body, findModel(job.deployment.model) as Model),
    },
    simulator.clock.now(),
  );
  const cached = Math.min(read.cached, inputTokens);
  const most = inputTokens - cached;
  return {
    ...read,
    cached,
    written: Math.min(read.written, most),
    written12h: Math.min(read.written12h, most),
  };
}

/** Without breakpoints `24h` keeps for a day, which is the only policy of some; with them it does nothing. */
function lifetimeOf(
  { prompt_cache_options: options, prompt_cache_retention: asked }: ChatBody,
  { promptCache, cacheRetention }: Model,
): { lifetime?: CacheLifetime } {
  if (promptCache === 'breakpoint') return options?.ttl ? { lifetime: options.ttl } : {};
  const policy = asked ?? cacheRetention[0];
  return policy === '24h' ? { lifetime: policy } : {};
}
