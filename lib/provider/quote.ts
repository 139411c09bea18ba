import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { planChat, sumTokens } from './chat-plan.ts';
import { costMicroUsd, priceOf } from './money.ts';
import type { Simulator } from './simulator.ts';

/** What one chat request takes when it is the first of its kind and meets no fault. */
export interface Quote {
  firstTokenMs: number;
  totalMs: number;
  outputTokens: number;
  costMicroUsd: number;
  answer: string;
}

/** Asks the provider's own plan, without sending anything: limits and oracles are computed from it. */
export function quote(
  simulator: Simulator,
  vendor: 'openai' | 'azure',
  body: ChatCompletionCreateParams,
): Quote {
  const deployment = simulator.deployment(vendor, body.model);
  if (!deployment) throw new Error(`No ${vendor} deployment is named "${body.model}" in this scenario.`);
  const plan = planChat(simulator, deployment, body, 0);
  const output = sumTokens(plan.pieces);
  return {
    firstTokenMs: plan.pace.firstTokenMs,
    totalMs: plan.pace.tokenDueMs(output),
    outputTokens: output,
    costMicroUsd: costMicroUsd({ input: plan.inputTokens, cached: 0, output }, priceOf(deployment.model)),
    answer: plan.pieces.map((piece) => piece.text).join(''),
  };
}
