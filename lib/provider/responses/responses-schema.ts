import * as z from 'zod';
import {
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

const textPart = z.looseObject({
  type: z.enum(['input_text', 'output_text', 'summary_text', 'reasoning_text']),
  text,
  ...marked,
});
const part = z.discriminatedUnion('type', [
  textPart,
  z.looseObject({ type: z.literal('refusal'), refusal: text }),
  z.looseObject({ type: z.enum(['input_image', 'input_file', 'input_audio']) }),
]);
const content = z.union([text, z.array(part)]);
const status = z.string().nullish();

const message = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content,
  status,
});
const item = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('function_call'),
    call_id: z.string(),
    name: z.string(),
    arguments: text,
    status,
  }),
  z.looseObject({ type: z.literal('function_call_output'), call_id: z.string(), output: content, status }),
  z.looseObject({
    type: z.literal('reasoning'),
    summary: z.array(textPart),
    encrypted_content: z.string().nullish(),
    status,
  }),
  z.looseObject({ type: z.literal('item_reference'), id: z.string() }),
  z.looseObject({
    type: z.enum([
      'apply_patch_call',
      'code_interpreter_call',
      'compaction',
      'computer_call',
      'computer_call_output',
      'custom_tool_call',
      'custom_tool_call_output',
      'file_search_call',
      'image_generation_call',
      'local_shell_call',
      'mcp_call',
      'mcp_list_tools',
      'web_search_call',
    ]),
  }),
]);

/** An item without a type is a message. */
export const inputItem = z.union([item, message]);

const tool = z.union([
  z.looseObject({
    type: z.literal('function'),
    name: functionName,
    description: z.string().nullish(),
    parameters: jsonSchema.nullish(),
    strict: z.boolean().nullish(),
  }),
  z.looseObject({ type: z.string() }).refine(({ type }) => type !== 'function'),
]);

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.literal('function'), name: z.string() }),
  z.looseObject({
    type: z.literal('allowed_tools'),
    mode: z.enum(['auto', 'required']),
    tools: z.array(z.looseObject({ type: z.string() })),
  }),
  z.looseObject({ type: z.string() }).refine(({ type }) => type !== 'function' && type !== 'allowed_tools'),
]);

const { user, ...shared } = sampling;

/** The body of a request to the Responses API. */
export const responsesSchema = z.object({
  ...shared,
  user: user.nullable(),
  input: z.union([text, z.array(inputItem)]),
  instructions: z.string().nullish(),
  previous_response_id: z.string().nullish(),
  conversation: z.union([z.string(), z.looseObject({ id: z.string() })]).nullish(),
  max_output_tokens: z.int().min(16).nullish(),
  tools: z.array(tool).max(128).nullish(),
  tool_choice: toolChoice.nullish(),
  text: z
    .looseObject({
      format: z
        .discriminatedUnion('type', [
          z.looseObject({ type: z.literal('text') }),
          z.looseObject({ type: z.literal('json_object') }),
          z.looseObject({ type: z.literal('json_schema'), ...jsonFormat }),
        ])
        .nullish(),
      verbosity: verbosity.nullish(),
    })
    .nullish(),
  reasoning: z
    .looseObject({
      effort: effort.nullish(),
      summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
      generate_summary: z.enum(['auto', 'concise', 'detailed']).nullish(),
    })
    .nullish(),
  truncation: z.enum(['auto', 'disabled']).nullish(),
  include: z.array(z.string()).nullish(),
  top_logprobs: topLogprobs.nullish(),
});

/** What the vendor takes and the simulator has nothing for. */
export const NOT_SIMULATED = ['background', 'context_management', 'max_tool_calls', 'moderation', 'prompt'];
