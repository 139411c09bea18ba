import { type AnsweredLine, lineOf } from '../chat/chat-line.ts';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import type { Refusal } from '../errors.ts';
import type { Deployment } from '../provider-plan.ts';
import type { Steps } from '../steps.ts';
import type { Visit } from '../visit.ts';
import { parseResponsesBody } from './parse-responses.ts';
import { closedResponse } from './response-shapes.ts';
import { earlierOf } from './stored-responses.ts';

/** A request to the Responses API in a batch. */
export function* planResponseLine(
  visit: Visit,
  deployment: Deployment,
  text: string,
): Steps<AnsweredLine | { refusal: Refusal }> {
  const parsed = yield* parseResponsesBody(text, earlierOf(visit.simulator));
  if ('refusal' in parsed) return parsed;
  const { asked, chat } = parsed.body;
  return yield* lineOf(visit, deployment, chat, 'responses', (plan, tokens) =>
    JSON.stringify(closedResponse({ plan, asked, tier: 'default', createdAt: nowInSeconds() }, tokens)),
  );
}
