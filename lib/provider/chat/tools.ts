import type { ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Random } from '../random.ts';
import type { WrittenAnswer } from '../simulator.ts';
import { countTokens, type Encoding, textOf } from '../tokens.ts';
import type { ChatBody } from './body.ts';
import { type JsonSchema, sample } from './schema.ts';

interface FunctionTool {
  name: string;
  description: string;
  parameters: JsonSchema;
}

/** The functions that a request offers. */
export function toolsOf(body: Pick<ChatBody, 'tools'>): FunctionTool[] {
  return (body.tools ?? []).flatMap((tool: ChatCompletionTool) => {
    if (tool.type !== 'function') return [];
    const { name, description = '', parameters = {} } = tool.function;
    return [{ name, description, parameters: parameters as JsonSchema }];
  });
}

/**
 * Which tools the model calls when the scenario does not say: those it must, and under `auto` those whose name or
 * description shares two telling words with the question. Not after a tool has answered.
 */
export function chooseTools(body: ChatBody, question: string, random: Random): WrittenAnswer['toolCalls'] {
  const tools = toolsOf(body);
  const choice = body.tool_choice ?? 'auto';
  if (tools.length === 0 || choice === 'none') return undefined;
  const call = (tool: FunctionTool) => ({
    name: tool.name,
    arguments: sample(tool.parameters, random) as Record<string, unknown>,
  });
  if (typeof choice === 'object') {
    const named = 'function' in choice ? choice.function.name : '';
    return tools.filter((tool) => tool.name === named).map(call);
  }
  if (body.messages.at(-1)?.role === 'tool') return undefined;
  const asked = words(question);
  const shared = (tool: FunctionTool) => {
    const about = words(`${tool.name} ${tool.description}`);
    return [...asked].filter((word) => about.has(word)).length;
  };
  const fitting = tools.filter((tool) => shared(tool) >= 2);
  if (fitting.length === 0) return choice === 'required' ? [call(tools[0] as FunctionTool)] : undefined;
  return (body.parallel_tool_calls === false ? fitting.slice(0, 1) : fitting).map(call);
}

/**
 * What the definitions of tools add to a prompt. The constants are those of the OpenAI cookbook ("How to count tokens
 * with tiktoken", section on tools); properties deeper than one level, which it does not cover, count as their JSON.
 */
export function countToolTokens(body: Pick<ChatBody, 'tools'>, encoding: Encoding): number {
  const tools = toolsOf(body);
  if (tools.length === 0) return 0;
  const perFunction = encoding === 'o200k_base' ? 7 : 10;
  let total = 12;
  for (const { name, description, parameters } of tools) {
    total += perFunction + countTokens(`${name}:${withoutDot(description)}`, encoding);
    const properties = Object.entries((parameters.properties ?? {}) as Record<string, JsonSchema>);
    if (properties.length > 0) total += 3;
    for (const [key, property] of properties) total += countProperty(key, property, encoding);
  }
  return total;
}

/** The text by which two requests with tools are compared: definitions come before all messages. */
export function toolText(body: Pick<ChatBody, 'tools' | 'response_format'>): string {
  const { tools, response_format } = body;
  const schema = response_format?.type === 'json_schema' ? JSON.stringify(response_format.json_schema) : '';
  return (tools && tools.length > 0 ? JSON.stringify(tools) : '') + schema;
}

/** Tool calls and their results must follow each other; the vendor answers 400 otherwise. */
export function findToolProblem(body: Record<string, unknown>): Refusal | undefined {
  const tools = (body.tools ?? []) as readonly { type?: string; function?: { name?: string } }[];
  const odd = tools.findIndex((tool) => tool?.type !== 'function');
  if (odd >= 0) return openAiErrors.notSimulated(`tools[${odd}] of type "${tools[odd]?.type}"`);
  const unnamed = tools.findIndex((tool) => !/^[\w-]{1,64}$/.test(tool.function?.name ?? ''));
  if (unnamed >= 0) {
    const text = `Invalid 'tools[${unnamed}].function.name': expected a string that matches ^[a-zA-Z0-9_-]{1,64}$.`;
    return openAiErrors.badRequest(text, `tools[${unnamed}].function.name`, 'invalid_value');
  }
  return findPairProblem(body.messages as readonly ChatCompletionMessageParam[]);
}

function findPairProblem(messages: readonly ChatCompletionMessageParam[]): Refusal | undefined {
  let open = new Set<string>();
  for (const [i, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id)) continue;
      const text =
        "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      return openAiErrors.badRequest(text, `messages.[${i}].role`);
    }
    if (open.size > 0) return missingResults(open, i);
    if (message.role === 'assistant') open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return open.size > 0 ? missingResults(open, messages.length) : undefined;
}

function missingResults(open: Set<string>, index: number): Refusal {
  const text =
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
    `The following tool_call_ids did not have response messages: ${[...open].join(', ')}`;
  return openAiErrors.badRequest(text, `messages.[${index}].role`);
}

/** Words too common to tell what a question is about. */
const COMMON = new Set(
  'the a an of to in for and or is are what which how does do you me my i it on at by'.split(' '),
);

function words(text: string): Set<string> {
  const all = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Set(all.filter((word) => !COMMON.has(word)).map((word) => word.replace(/(?:ing|es|s)$/, '')));
}

function countProperty(key: string, property: JsonSchema, encoding: Encoding): number {
  let total = 3;
  if (property.enum) {
    total -= 3;
    for (const item of property.enum) total += 3 + countTokens(String(item), encoding);
  }
  const line = `${key}:${textOf(property.type)}:${withoutDot(property.description ?? '')}`;
  total += countTokens(line, encoding);
  const nested = property.properties ?? property.items;
  return nested ? total + countTokens(JSON.stringify(nested), encoding) : total;
}

function withoutDot(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text;
}
