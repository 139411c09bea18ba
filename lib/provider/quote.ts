import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { paceOf, planChat } from './chat/chat-plan.ts';
import { countInput } from './chat/prompt.ts';
import { tierOf } from './chat/tier.ts';
import type { Pace } from './latency.ts';
import { findModel, type Model } from './models.ts';
import { costMicroUsd } from './money.ts';
import type { Simulator } from './simulator.ts';
import { atOnce } from './steps.ts';

/** What one chat request takes when it is the first of its kind and meets no fault. */
export interface Quote {
  firstTokenMs: number;
  totalMs: number;
  inputTokens: number;
  outputTokens: number;
  costMicroUsd: number;
  answer: string;
  /** Output that has been generated, and is billed, so long after the request: thought and written. */
  tokensBy(ms: number): number;
}

function generatedBy(ms: number, pace: Pace, tokens: number): number {
  const tokenMs = pace.tokenDueMs(2) - pace.tokenDueMs(1);
  const said = Math.floor((ms - pace.firstTokenMs) / tokenMs) + 1;
  return pace.thoughtBy(ms) + Math.max(0, Math.min(tokens, said));
}

/** Asks the provider's own plan, without sending anything: limits and oracles are computed from it. */
export function quote(
  simulator: Simulator,
  vendor: 'openai' | 'azure',
  body: ChatCompletionCreateParams,
): Quote {
  const deployment = simulator.deployment(vendor, body.model);
  if (!deployment) throw new Error(`No ${vendor} deployment is named "${body.model}" in this scenario.`);
  const inputTokens = countInput(body, findModel(deployment.model) as Model);
  const plan = atOnce(planChat(simulator, deployment, body, inputTokens, { repeat: 0, number: 0 }));
  const paces = plan.choices.map((choice) => paceOf(choice));
  const last = plan.choices.map((choice, i) => paces[i]?.tokenDueMs(Math.max(1, choice.said.tokens)) ?? 0);
  const reasoning = plan.choices.reduce((sum, choice) => sum + choice.reasoningTokens, 0);
  const output = reasoning + plan.choices.reduce((sum, choice) => sum + choice.said.tokens, 0);
  const tokens = { input: plan.inputTokens, cached: 0, output };
  return {
    firstTokenMs: Math.min(...paces.map((pace) => pace.firstTokenMs)),
    totalMs: Math.max(...last),
    inputTokens: plan.inputTokens,
    outputTokens: output,
    costMicroUsd: costMicroUsd(tokens, simulator.priceOf(deployment.model), tierOf(body.service_tier)),
    answer: plan.choices[0]?.said.text ?? '',
    tokensBy: (ms) =>
      plan.choices.reduce(
        (sum, { said }, i) => sum + (paces[i] ? generatedBy(ms, paces[i], said.tokens) : 0),
        0,
      ),
  };
}
