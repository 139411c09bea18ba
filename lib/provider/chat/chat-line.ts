import type { Refusal } from '../errors.ts';
import type { Tokens } from '../money.ts';
import type { Deployment } from '../provider-plan.ts';
import type { Steps } from '../steps.ts';
import type { Visit } from '../visit.ts';
import { prepareChat, readChat } from './chat.ts';
import type { ChatBody } from './chat-body.ts';
import type { ChatPlan } from './chat-plan.ts';
import { completionText } from './chat-shapes.ts';
import type { TextEndpoint } from './family-rules.ts';
import { lastUserText } from './prompt.ts';

/** A request of a batch: planned and counted, with nobody waiting for it. Nothing is cached in a batch. */
export interface AnsweredLine {
  prompt: string;
  tokens: Tokens;
  answer: string;
  /** As JSON. */
  body: string;
}

export function* planChatLine(
  visit: Visit,
  deployment: Deployment,
  text: string,
): Steps<AnsweredLine | { refusal: Refusal }> {
  const asked = yield* readChat(text);
  if ('refusal' in asked) return asked;
  return yield* lineOf(visit, deployment, asked.body, 'chat', (plan, tokens) =>
    completionText(plan, visit.vendor, tokens, 'default'),
  );
}

/** Plans a line whose request is in the words of chat completions; `write` gives the answer its own. */
export function* lineOf(
  visit: Visit,
  deployment: Deployment,
  chat: ChatBody,
  endpoint: TextEndpoint,
  write: (plan: ChatPlan, tokens: Tokens) => string,
): Steps<AnsweredLine | { refusal: Refusal }> {
  const plan = yield* prepareChat(visit, deployment, chat, endpoint);
  if ('refusal' in plan) return plan;
  const reasoning = plan.choices.reduce((sum, choice) => sum + choice.reasoningTokens, 0);
  const output = reasoning + plan.choices.reduce((sum, choice) => sum + choice.said.tokens, 0);
  const tokens = { input: plan.inputTokens, cached: 0, output, reasoning };
  const answer = plan.choices[0]?.said.text ?? '';
  return { prompt: lastUserText(chat), tokens, answer, body: write(plan, tokens) };
}
