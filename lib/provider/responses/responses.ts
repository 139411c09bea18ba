import { estimateTokens, prepareChat } from '../chat/chat.ts';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import { beginChat } from '../chat/job.ts';
import { lastUserText } from '../chat/prompt.ts';
import { streamChat } from '../chat/stream.ts';
import { answerWhole } from '../chat/whole.ts';
import type { ModelSurface } from '../visit.ts';
import { responseEvents } from './events.ts';
import { parseResponsesBody, type ResponsesBody } from './parse-responses.ts';
import { closedResponse, type ResponseParts, type WireResponse } from './response-shapes.ts';
import { earlierOf, storeResponse } from './stored-responses.ts';

/** The Responses API. It reads and writes its own shapes; the work is that of chat completions. */
export const responses: ModelSurface<ResponsesBody> = {
  surface: 'responses',
  *read({ simulator, request }) {
    const parsed = yield* parseResponsesBody(request.text, earlierOf(simulator));
    if ('refusal' in parsed) return parsed;
    const { body } = parsed;
    const { model } = body.chat;
    const { stream, service_tier } = body.chat;
    const flex = service_tier === 'flex';
    return { body, model, prompt: lastUserText(body.chat), stream: stream === true, flex };
  },
  *prepare(visit, deployment, { asked, chat }) {
    const plan = yield* prepareChat(visit, deployment, chat, 'responses');
    if ('refusal' in plan) return plan;
    return {
      estimatedTokens: estimateTokens(chat),
      run(job) {
        const begun = beginChat(job, plan, chat);
        const parts: ResponseParts = {
          plan: begun.plan,
          asked,
          tier: begun.answeredTier,
          createdAt: nowInSeconds(),
        };
        // Instructions are not part of the conversation that a later response continues.
        const messages = typeof asked.instructions === 'string' ? chat.messages.slice(1) : chat.messages;
        const closed = () => closedResponse(parts, begun.call.tokens);
        const keep = (wire: WireResponse) => storeResponse(visit.simulator, messages, parts, wire);
        if (chat.stream === true) return streamChat(begun, responseEvents(parts, closed, keep));
        return answerWhole(begun, () => {
          const wire = closed();
          keep(wire);
          return JSON.stringify(wire);
        });
      },
    };
  },
};
