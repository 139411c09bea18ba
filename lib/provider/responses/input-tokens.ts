import { findModelProblem } from '../chat/family-rules.ts';
import { countInput } from '../chat/prompt.ts';
import { openAiErrors } from '../errors.ts';
import { findModel } from '../models.ts';
import { withTextsAhead } from '../read-ahead.ts';
import { answerResource, type FoundResource } from '../resource.ts';
import { inTurns, type Steps } from '../steps.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import { parseResponsesBody } from './parse-responses.ts';
import { earlierOf } from './stored-responses.ts';

/** POST /responses/input_tokens: what a request would be billed for its input, without asking a model. */
export function countInputTokens(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => inTurns(count(visit), visit.simulator.pause));
}

function* count({ simulator, vendor, request }: Visit): Steps<FoundResource> {
  const parsed = yield* parseResponsesBody(request.text, earlierOf(simulator));
  if ('refusal' in parsed) return parsed;
  const { chat } = parsed.body;
  const deployment = simulator.deployment(vendor.name, chat.model);
  const model = deployment && findModel(deployment.model);
  if (!model) return { refusal: vendor.unknownDeployment(chat.model) };
  if (model.kind !== 'chat') return { refusal: openAiErrors.wrongModel(chat.model, 'v1/responses') };
  const refusal = findModelProblem(chat, model, chat.model, 'responses');
  if (refusal) return { refusal };
  const counting = (function* () {
    yield;
    return countInput(chat, model);
  })();
  return {
    object: 'response.input_tokens',
    input_tokens: yield* withTextsAhead(deployment, chat, counting),
  };
}
