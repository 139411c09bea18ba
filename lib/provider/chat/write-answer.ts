import type { Model } from '../models.ts';
import type { Deployment } from '../provider-plan.ts';
import type { Random } from '../random.ts';
import type { Simulator } from '../simulator.ts';
import { composeAnswer, drawLength, type Said } from '../text.ts';
import type { WrittenAnswer } from '../written.ts';
import type { ChatBody } from './chat-body.ts';
import type { ChatPiece } from './pieces.ts';
import { lastUserText } from './prompt.ts';
import { sample } from './sample.ts';
import type { JsonSchema } from './strict-schema.ts';
import { chooseTools, toolsOf } from './tools.ts';

/** What is answered; a text that was composed here is counted already. */
interface PlannedAnswer extends WrittenAnswer {
  said?: Said<ChatPiece>;
}

export function asWritten(written: string | WrittenAnswer | undefined): PlannedAnswer | undefined {
  return typeof written === 'string' ? { content: written } : written;
}

export function writeAnswer(
  simulator: Simulator,
  deployment: Deployment,
  model: Model,
  body: ChatBody,
  random: Random,
): PlannedAnswer {
  const prompt = lastUserText(body);
  const schema = schemaOf(body);
  const { encoding } = model;
  const written = simulator.answer?.({
    prompt,
    messages: body.messages,
    model: deployment.model,
    random,
    seed: simulator.seed,
    tools: toolsOf(body).map((tool) => tool.name),
    schema: schema as Record<string, unknown> | undefined,
    sentences: (tokens) => composeAnswer(random, tokens, encoding).text,
  });
  const answer = asWritten(written);
  if (answer) return answer;
  const toolCalls = chooseTools(body, prompt, random);
  if (toolCalls && toolCalls.length > 0) return { toolCalls };
  if (schema) return { content: JSON.stringify(sample(schema, random)) };
  const said = composeAnswer(random, drawLength(deployment.answers, random), encoding);
  return { content: said.text, said };
}

function schemaOf({ response_format }: ChatBody): JsonSchema | undefined {
  if (response_format?.type === 'json_schema') return response_format.json_schema.schema as JsonSchema;
  if (response_format?.type !== 'json_object') return undefined;
  return { type: 'object', properties: { answer: { type: 'string' }, count: { type: 'integer' } } };
}
