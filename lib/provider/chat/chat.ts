import { openAiErrors, type Refusal } from '../errors.ts';
import { findModel, type Model } from '../models.ts';
import type { Deployment } from '../provider-plan.ts';
import type { Steps } from '../steps.ts';
import { textOf } from '../tokens.ts';
import type { Asked, ModelSurface, Prepared, Visit } from '../visit.ts';
import type { ChatBody } from './chat-body.ts';
import { type ChatPlan, planChat } from './chat-plan.ts';
import { findModelProblem, type TextEndpoint } from './family-rules.ts';
import { beginChat } from './job.ts';
import { parseChatBody } from './parse-chat.ts';
import { capOf, countInput, lastUserText } from './prompt.ts';
import { streamChat } from './stream.ts';
import { answerWhole } from './whole.ts';

/** Chat completions, whole and streamed. */
export const chat: ModelSurface<ChatBody> = {
  surface: 'chat',
  read: ({ request, params }) => readChat(request.text, params.deployment),
  *prepare(visit, deployment, body) {
    const plan = yield* prepareChat(visit, deployment, body);
    if ('refusal' in plan) return plan;
    return {
      estimatedTokens: estimateTokens(body),
      run(job) {
        const begun = beginChat(job, plan, body);
        return body.stream === true ? streamChat(begun) : answerWhole(begun);
      },
    } satisfies Prepared;
  },
};

export function* readChat(
  text: string,
  deploymentInUrl?: string,
): Steps<Asked<ChatBody> | { refusal: Refusal }> {
  const parsed = yield* parseChatBody(text, deploymentInUrl);
  if ('refusal' in parsed) return parsed;
  const { body } = parsed;
  return {
    body,
    model: body.model,
    prompt: lastUserText(body),
    stream: body.stream === true,
    flex: body.service_tier === 'flex',
  };
}

/** Checks a request against its model and plans the answer. */
export function* prepareChat(
  visit: Pick<Visit, 'simulator' | 'repeat' | 'scripted'>,
  deployment: Deployment,
  body: ChatBody,
  endpoint: TextEndpoint = 'chat',
): Steps<ChatPlan | { refusal: Refusal }> {
  const model = findModel(deployment.model) as Model;
  if (model.kind !== 'chat')
    return { refusal: openAiErrors.wrongModel(deployment.model, 'v1/chat/completions') };
  const problem = findModelProblem(body, model, body.model, endpoint);
  if (problem) return { refusal: problem };
  const inputTokens = countInput(body, model);
  const asked = capOf(body) ?? 0;
  const most = model.maxInputTokens ?? model.contextTokens;
  if (inputTokens > most && (model.maxInputTokens !== undefined || endpoint === 'responses'))
    return { refusal: openAiErrors.inputTooLong(endpoint, most, inputTokens) };
  if (inputTokens + asked > model.contextTokens)
    return { refusal: openAiErrors.contextLength(model.contextTokens, inputTokens, asked) };
  if (asked > model.maxOutputTokens) return { refusal: tooMuchOutput(body, asked, model) };
  yield;
  const { simulator, repeat, scripted } = visit;
  const numbers = { repeat, number: simulator.stores.nextId(), scripted };
  return yield* planChat(simulator, deployment, body, inputTokens, numbers);
}

/** What a request without a cap is estimated to add to its prompt; found by experiment by Azure's own API simulator. */
const UNCAPPED_TOKENS = 16;

/** What vendors count on arrival: a quarter of the prompt's characters, and the output cap of each choice. */
export function estimateTokens(body: ChatBody): number {
  const characters = body.messages.reduce((sum, message) => sum + textOf(message.content).length, 0);
  return Math.ceil(characters / 4) + (capOf(body) ?? UNCAPPED_TOKENS) * (body.n ?? 1);
}

function tooMuchOutput(body: ChatBody, asked: number, { maxOutputTokens }: Model): Refusal {
  const field = body.max_completion_tokens == null ? 'max_tokens' : 'max_completion_tokens';
  const text =
    `${field} is too large: ${asked}. This model supports at most ${maxOutputTokens} completion tokens, ` +
    `whereas you provided ${asked}.`;
  return openAiErrors.badRequest(text, field, 'invalid_value');
}
