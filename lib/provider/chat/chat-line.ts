import type { Refusal } from '../errors.ts';
import type { Tokens } from '../money.ts';
import type { Deployment } from '../provider-plan.ts';
import type { Visit } from '../visit.ts';
import { prepareChat, readChat } from './chat.ts';
import type { ChatBody } from './chat-body.ts';
import type { ChatPlan } from './chat-plan.ts';
import { completionText } from './chat-shapes.ts';
import { lastUserText } from './prompt.ts';

/** A request of a batch: planned and counted, with nobody waiting for it. Nothing is cached in a batch. */
export interface AnsweredLine {
  prompt: string;
  tokens: Tokens;
  answer: string;
  body: object;
}

export function planChatLine(
  visit: Visit,
  deployment: Deployment,
  text: string,
): AnsweredLine | { refusal: Refusal } {
  const asked = readChat(text);
  if ('refusal' in asked) return asked;
  return lineOf(visit, deployment, asked.body, (plan, tokens) =>
    JSON.parse(completionText(plan, visit.vendor, tokens, 'default')),
  );
}

/** Plans a line whose request is in the words of chat completions; `write` gives the answer its own. */
export function lineOf(
  visit: Visit,
  deployment: Deployment,
  chat: ChatBody,
  write: (plan: ChatPlan, tokens: Tokens) => object,
): AnsweredLine | { refusal: Refusal } {
  const plan = prepareChat(visit, deployment, chat);
  if ('refusal' in plan) return plan;
  const reasoning = plan.choices.reduce((sum, choice) => sum + choice.reasoningTokens, 0);
  const output = reasoning + plan.choices.reduce((sum, choice) => sum + choice.said.tokens, 0);
  const tokens = { input: plan.inputTokens, cached: 0, output, reasoning };
  const answer = plan.choices[0]?.said.text ?? '';
  return { prompt: lastUserText(chat), tokens, answer, body: write(plan, tokens) };
}
