import { type AnsweredLine, lineOf } from '../chat/line.ts';
import { nowInSeconds } from '../chat/shapes.ts';
import type { Refusal } from '../errors.ts';
import type { Deployment } from '../plan.ts';
import type { Visit } from '../visit.ts';
import { parseResponsesBody } from './body.ts';
import { closedResponse } from './shapes.ts';
import { earlierOf } from './stored.ts';

/** A request to the Responses API in a batch. */
export function planResponseLine(
  visit: Visit,
  deployment: Deployment,
  text: string,
): AnsweredLine | { refusal: Refusal } {
  const parsed = parseResponsesBody(text, earlierOf(visit.simulator));
  if ('refusal' in parsed) return parsed;
  const { asked, chat } = parsed.body;
  return lineOf(visit, deployment, chat, (plan, tokens) =>
    closedResponse({ plan, asked, tier: 'default', createdAt: nowInSeconds() }, tokens),
  );
}
