import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { type ChatPlan, sumTokens } from './chat-plan.ts';
import type { FaultEffect } from './faults.ts';
import type { Call } from './ledger.ts';
import { costMicroUsd, priceOf } from './money.ts';
import { hash32 } from './random.ts';
import type { Simulator } from './simulator.ts';
import type { Vendor } from './vendors.ts';

/** Idle connections are dropped after about five minutes on the way. */
const STALL_MS = 300_000;

/** One admitted chat request on its way through the provider. */
export interface ChatJob {
  simulator: Simulator;
  vendor: Vendor;
  call: Call;
  plan: ChatPlan;
  body: ChatCompletionCreateParams;
  effect: FaultEffect | undefined;
  signal: AbortSignal;
}

/** Ends a call and bills what was generated: input once the model began to read, output token by token. */
export function settle(job: ChatJob, outcome: 'answered' | 'aborted' | 'broken', generated: number): void {
  const { simulator, call, plan } = job;
  const pieces = plan.pieces.slice(0, generated);
  const tokens = { input: plan.inputTokens, cached: 0, output: sumTokens(pieces) };
  simulator.ledger.close(call, {
    outcome,
    endMs: simulator.clock.now(),
    finish: outcome === 'answered' ? plan.finish : null,
    answer: pieces.map((piece) => piece.text).join(''),
    tokens,
    costMicroUsd: costMicroUsd(tokens, priceOf(call.model)),
  });
}

export function responseHeaders(job: Pick<ChatJob, 'simulator' | 'vendor' | 'call'>): Record<string, string> {
  const { simulator, vendor, call } = job;
  const id = `req_${hash32(`${simulator.seed} request ${call.id}`).toString(16).padStart(8, '0')}`;
  return vendor.headers(id, Math.round(simulator.clock.now() - call.startMs));
}

/** When a faulty answer breaks off: after how many tokens, and how long the silence before lasts. */
export function breakOf(
  effect: FaultEffect | undefined,
): { afterTokens: number; silenceMs: number } | undefined {
  if (!effect || 'error' in effect) return undefined;
  if ('cutAfterTokens' in effect) return { afterTokens: effect.cutAfterTokens, silenceMs: 0 };
  return { afterTokens: effect.stallAfterTokens, silenceMs: effect.forMs ?? STALL_MS };
}

/** What a client sees when the connection is lost. */
export function connectionLost(): TypeError {
  return new TypeError('terminated', { cause: new Error('other side closed') });
}
