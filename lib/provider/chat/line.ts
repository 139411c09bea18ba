import type { Refusal } from '../errors.ts';
import type { Tokens } from '../money.ts';
import type { Deployment } from '../plan.ts';
import type { Visit } from '../visit.ts';
import { prepareChat, readChat } from './chat.ts';
import { type ChatPlan, sumTokens } from './plan.ts';
import { completion } from './shapes.ts';

/** A chat request of a batch: planned and counted, with nobody waiting for it. Nothing is cached in a batch. */
export interface ChatLine {
  prompt: string;
  plan: ChatPlan;
  tokens: Tokens;
  answer: string;
}

export function beginlessPlan(
  visit: Visit,
  deployment: Deployment,
  text: string,
): ChatLine | { refusal: Refusal } {
  const asked = readChat(text);
  if ('refusal' in asked) return asked;
  const plan = prepareChat(visit, deployment, asked.body);
  if ('refusal' in plan) return plan;
  const reasoning = plan.choices.reduce((sum, choice) => sum + choice.reasoningTokens, 0);
  const output = reasoning + plan.choices.reduce((sum, choice) => sum + sumTokens(choice.pieces), 0);
  const tokens = { input: plan.inputTokens, cached: 0, output, reasoning };
  const answer = (plan.choices[0]?.pieces ?? []).map((piece) => piece.text).join('');
  return { prompt: asked.prompt, plan, tokens, answer };
}

export function completionOfLine({ vendor }: Visit, { plan, tokens }: ChatLine): object {
  return completion(plan, vendor, tokens, 'default');
}
