import type {
  ChatCompletionAllowedToolChoice,
  ChatCompletionMessageParam,
  ChatCompletionTool,
} from 'openai/resources/chat/completions';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Random } from '../random.ts';
import { countTokens, type Encoding, textOf } from '../tokens.ts';
import type { WrittenAnswer } from '../written.ts';
import type { ChatBody } from './chat-body.ts';
import { sample } from './sample.ts';
import { findStrictProblem, type JsonSchema } from './strict-schema.ts';

interface FunctionTool {
  name: string;
  description: string;
  parameters: JsonSchema;
}

/** The functions that a request offers. */
export function toolsOf(body: Pick<ChatBody, 'tools'>): FunctionTool[] {
  return (body.tools ?? []).flatMap((tool: ChatCompletionTool) => {
    if (tool.type !== 'function') return [];
    const { name, description, parameters } = tool.function;
    return [{ name, description: description ?? '', parameters: (parameters ?? {}) as JsonSchema }];
  });
}

/**
 * Which tools the model calls when the scenario does not say: those it must, and under `auto` those whose name or
 * description shares a telling word with the question, or that a system message tells it to call. Under `auto` not after
 * a tool has answered.
 */
export function chooseTools(body: ChatBody, question: string, random: Random): WrittenAnswer['toolCalls'] {
  const { tools, mode } = offered(body);
  if (tools.length === 0 || mode === 'none') return undefined;
  const call = (tool: FunctionTool) => ({
    name: tool.name,
    arguments: sample(tool.parameters, random) as Record<string, unknown>,
  });
  if (mode === 'named') return tools.map(call);
  if (mode === 'auto' && body.messages.at(-1)?.role === 'tool') return undefined;
  const asked = words(question);
  const told = toldBySystem(body);
  const fitting = tools.filter(({ name, description }) => {
    if (told.includes(name.toLowerCase())) return true;
    const about = words(`${name.replaceAll('_', ' ')} ${description}`);
    return [...asked].some((word) => about.has(word));
  });
  if (fitting.length === 0) return mode === 'required' ? tools.slice(0, 1).map(call) : undefined;
  return (body.parallel_tool_calls === false ? fitting.slice(0, 1) : fitting).map(call);
}

/** The tools that may be called, and whether one must be. */
function offered(body: ChatBody): { tools: FunctionTool[]; mode: 'none' | 'auto' | 'required' | 'named' } {
  const tools = toolsOf(body);
  const choice = body.tool_choice ?? 'auto';
  if (typeof choice === 'string') return { tools, mode: choice };
  if (choice.type === 'allowed_tools') {
    const names = allowedNames(choice);
    return { tools: tools.filter(({ name }) => names.includes(name)), mode: choice.allowed_tools.mode };
  }
  const named = choice.type === 'function' ? choice.function.name : '';
  return { tools: tools.filter(({ name }) => name === named), mode: 'named' };
}

/** What system messages say about calling, in lower case: "always call the … function". */
function toldBySystem({ messages }: ChatBody): string {
  const told = messages.filter(({ role }) => role === 'system' || role === 'developer');
  return told
    .map(({ content }) => textOf(content).toLowerCase())
    .filter((text) => /\b(?:call|use|invoke)\b/.test(text))
    .join('\n');
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

/** What is wrong with the tools of a request, and with the calls in its history. */
export function findToolProblem(body: ChatBody): Refusal | undefined {
  const { tools, tool_choice, parallel_tool_calls } = body;
  for (const param of ['tool_choice', 'parallel_tool_calls'] as const)
    if (
      body[param] != null &&
      tools === undefined &&
      (tool_choice !== 'none' || parallel_tool_calls != null)
    ) {
      const text = `Invalid value for '${param}': '${param}' is only allowed when 'tools' are specified.`;
      return openAiErrors.badRequest(text, param);
    }
  const odd = tools?.find((tool) => tool.type !== 'function');
  if (odd) return openAiErrors.notSimulated(`a tool of type "${odd.type}"`);
  return findStrictTool(body) ?? findChoiceProblem(body) ?? findPairProblem(body.messages);
}

function findStrictTool({ tools = [] }: ChatBody): Refusal | undefined {
  for (const [i, tool] of tools.entries()) {
    if (tool.type !== 'function' || !tool.function.strict) continue;
    const problem = findStrictProblem((tool.function.parameters ?? {}) as JsonSchema);
    if (!problem) continue;
    const text = `Invalid schema for function '${tool.function.name}': ${problem}`;
    return openAiErrors.badRequest(text, `tools[${i}].function.parameters`, 'invalid_function_parameters');
  }
  return undefined;
}

/** A tool that must be called has to be there. */
function findChoiceProblem(body: ChatBody): Refusal | undefined {
  const { tool_choice } = body;
  if (typeof tool_choice !== 'object' || tool_choice === null) return undefined;
  if (tool_choice.type === 'custom') return openAiErrors.notSimulated('tool_choice of type "custom"');
  const known = new Set(toolsOf(body).map(({ name }) => name));
  const named = tool_choice.type === 'function' ? [tool_choice.function.name] : allowedNames(tool_choice);
  const unknown = named.find((name) => !known.has(name));
  if (unknown === undefined) return undefined;
  return openAiErrors.badRequest(`Tool choice '${unknown}' not found in 'tools' parameter.`, 'tool_choice');
}

function allowedNames({ allowed_tools }: ChatCompletionAllowedToolChoice): string[] {
  return allowed_tools.tools.map((tool) => (tool as { function: { name: string } }).function.name);
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
