import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { estimateTokens, prepareChat } from '../chat/chat.ts';
import { beginChat, type ChatJob } from '../chat/job.ts';
import { lastUserText } from '../chat/plan.ts';
import { argumentsOf, nowInSeconds, textOfChoice } from '../chat/shapes.ts';
import { streamChat } from '../chat/stream.ts';
import { answerWhole } from '../chat/whole.ts';
import { answerResource, notFound } from '../resource.ts';
import type { Stores } from '../stores.ts';
import type { ModelSurface, Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import { parseResponsesBody, type ResponsesBody } from './body.ts';
import { responseEvents } from './events.ts';
import { choiceOf, closedResponse, idsOf, type ResponseParts } from './shapes.ts';

/** The Responses API. It reads and writes its own shapes; the work is that of chat completions. */
export const responses: ModelSurface<ResponsesBody> = {
  surface: 'responses',
  read({ simulator: { stores }, request }) {
    const parsed = parseResponsesBody(request.text, (id) => stores.responses.get(id)?.messages);
    if ('refusal' in parsed) return parsed;
    const { body } = parsed;
    const { model } = body.chat;
    return { body, model, prompt: lastUserText(body.chat), stream: body.chat.stream === true };
  },
  prepare(visit, deployment, { asked, chat }) {
    const plan = prepareChat(visit, deployment, chat);
    if ('refusal' in plan) return plan;
    return {
      estimatedTokens: estimateTokens(chat),
      run(job) {
        const begun = beginChat(job, plan, chat);
        const tier = begun.tier === 'flex' ? 'flex' : 'default';
        const parts: ResponseParts = { plan: begun.plan, asked, tier, createdAt: nowInSeconds() };
        const keep = () => store(visit.simulator.stores, begun, parts);
        if (chat.stream === true)
          return streamChat(
            begun,
            responseEvents(parts, () => begun.call.tokens, keep),
          );
        return answerWhole(begun, () => {
          keep();
          return closedResponse(parts, begun.call.tokens);
        });
      },
    };
  },
};

/** GET and DELETE of one stored response. */
export function answerStoredResponse(visit: Visit): Promise<WireAnswer> {
  const { responses } = visit.simulator.stores;
  const id = visit.params.id ?? '';
  return answerResource(visit, () => {
    const stored = responses.get(id);
    if (!stored) return notFound(`Response with id '${id}' not found.`);
    if (visit.request.method !== 'DELETE') return stored.wire;
    responses.delete(id);
    return { id, object: 'response.deleted', deleted: true };
  });
}

function store(stores: Stores, { body, call }: ChatJob, parts: ResponseParts): void {
  if (parts.asked.store === false) return;
  const said = choiceOf(parts.plan);
  const tool_calls = said.toolCalls.map(({ id, name }, tool) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: argumentsOf(said, tool) },
  }));
  const reply: ChatCompletionMessageParam = {
    role: 'assistant',
    content: textOfChoice(said),
    ...(tool_calls.length > 0 && { tool_calls }),
  };
  // Instructions are not part of the conversation that a later response continues.
  const own = typeof parts.asked.instructions === 'string' ? body.messages.slice(1) : body.messages;
  const wire = closedResponse(parts, call.tokens);
  stores.responses.set(idsOf(parts.plan).response, { wire, messages: [...own, reply] });
}
