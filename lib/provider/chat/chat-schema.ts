import * as z from 'zod';
import {
  cap,
  effort,
  functionName,
  jsonFormat,
  marked,
  sampling,
  text,
  topLogprobs,
  verbosity,
} from '../schema/common.ts';
import { jsonSchema } from '../schema/json-schema.ts';

const part = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text, ...marked }),
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
  z.looseObject({ type: z.enum(['image_url', 'input_audio', 'file']) }),
]);
const content = z.union([text, z.array(part).min(1)]);
const name = z.string().optional();
const toolCall = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('function'),
    id: z.string(),
    function: z.looseObject({ name: z.string(), arguments: text }),
  }),
  z.looseObject({ type: z.literal('custom'), id: z.string() }),
]);

const message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.enum(['system', 'developer', 'user']), content, name }),
  z.looseObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    name,
    refusal: z.string().nullish(),
    tool_calls: z.array(toolCall).optional(),
  }),
  z.looseObject({ role: z.literal('tool'), content, tool_call_id: z.string(), name }),
  z.looseObject({ role: z.literal('function'), content: text.nullable(), name: z.string() }),
]);

const tool = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('function'),
    function: z.looseObject({
      name: functionName,
      description: z.string().nullish(),
      parameters: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
  z.looseObject({ type: z.literal('custom'), custom: z.looseObject({ name: functionName }) }),
]);

const namedTool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({ name: z.string() }),
});
const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.discriminatedUnion('type', [
    namedTool,
    z.looseObject({
      type: z.literal('allowed_tools'),
      allowed_tools: z.looseObject({ mode: z.enum(['auto', 'required']), tools: z.array(namedTool) }),
    }),
    z.looseObject({ type: z.literal('custom'), custom: z.looseObject({ name: z.string() }) }),
  ]),
]);

/** Azure says so (portkey.ai, error library, 10026: "but got 4968 items"); that OpenAI has the same limit is assumed. */
const MOST_MESSAGES = 2048;

/** The body of a chat completion. Within messages and tools further fields are let pass, as SDKs send back what they got. */
export const chatSchema = z.object({
  ...sampling,
  messages: z.array(message).min(1).max(MOST_MESSAGES),
  max_tokens: cap.nullish(),
  max_completion_tokens: cap.nullish(),
  n: z.int().min(1).max(128).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  seed: z.int().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  tools: z.array(tool).min(1).max(128).optional(),
  tool_choice: toolChoice.optional(),
  response_format: z
    .discriminatedUnion('type', [
      z.looseObject({ type: z.literal('text') }),
      z.looseObject({ type: z.literal('json_object') }),
      z.looseObject({ type: z.literal('json_schema'), json_schema: z.looseObject(jsonFormat) }),
    ])
    .optional(),
  prediction: z.looseObject({ type: z.literal('content'), content }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: topLogprobs.nullish(),
  reasoning_effort: effort.nullish(),
  verbosity: verbosity.nullish(),
});

/** What the vendor takes and the simulator has nothing for. */
export const NOT_SIMULATED = [
  'audio',
  'function_call',
  'functions',
  'logit_bias',
  'modalities',
  'moderation',
  'web_search_options',
];
