import type {
  ChatCompletionContentPartText,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { type ChatBody, isObject, parseChatBody, parseObject } from '../chat/body.ts';
import { openAiErrors, type Refusal } from '../errors.ts';

/** A request to the Responses API, and the same request in the words of chat completions, which do the work. */
export interface ResponsesBody {
  asked: Record<string, unknown>;
  chat: ChatBody;
}

/** Fields that the simulator acts on, or may ignore because they change nothing that is simulated. */
const KNOWN = new Set([
  'model',
  'input',
  'instructions',
  'previous_response_id',
  'max_output_tokens',
  'temperature',
  'top_p',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'text',
  'reasoning',
  'stream',
  'store',
  'metadata',
  'service_tier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'user',
  'truncation',
  'include',
]);

export type History = (responseId: string) => readonly ChatCompletionMessageParam[] | undefined;

/** Reads a request; `historyOf` knows the messages of earlier responses. */
export function parseResponsesBody(
  text: string,
  historyOf: History,
): { body: ResponsesBody } | { refusal: Refusal } {
  const asked = parseObject(text);
  if (!asked) return bad('We could not parse the JSON body of your request.', null);
  const unknown = Object.keys(asked).find(
    (field) => !KNOWN.has(field) && asked[field] != null && asked[field] !== false,
  );
  if (unknown) return { refusal: openAiErrors.notSimulated(unknown) };
  if (asked.input === undefined) return bad("Missing required parameter: 'input'.", 'input');
  const messages = messagesOf(asked, historyOf);
  if ('refusal' in messages) return messages;
  const parsed = parseChatBody(JSON.stringify(toChat(asked, messages.messages)));
  return 'refusal' in parsed ? parsed : { body: { asked, chat: parsed.body } };
}

function bad(message: string, param: string | null): { refusal: Refusal } {
  return { refusal: openAiErrors.badRequest(message, param) };
}

function toChat(asked: Record<string, unknown>, messages: readonly ChatCompletionMessageParam[]): object {
  const { text, reasoning } = asked as {
    text?: { format?: Record<string, unknown>; verbosity?: string };
    reasoning?: { effort?: string };
  };
  const format = text?.format;
  const tools = (asked.tools ?? []) as Record<string, unknown>[];
  const choice = asked.tool_choice;
  return {
    model: asked.model,
    messages,
    stream: asked.stream,
    ...given({
      max_completion_tokens: asked.max_output_tokens,
      temperature: asked.temperature,
      top_p: asked.top_p,
      service_tier: asked.service_tier,
      prompt_cache_key: asked.prompt_cache_key,
      prompt_cache_options: asked.prompt_cache_options,
      parallel_tool_calls: asked.parallel_tool_calls,
      reasoning_effort: reasoning?.effort,
    }),
    ...(tools.length > 0 && {
      tools: tools.map(({ type, ...rest }) => ({ type, ...(type === 'function' && { function: rest }) })),
      tool_choice: isObject(choice)
        ? { type: 'function', function: { name: choice.name } }
        : (choice ?? 'auto'),
    }),
    ...(format &&
      format.type !== 'text' && {
        response_format:
          format.type === 'json_schema' ? { type: 'json_schema', json_schema: withoutType(format) } : format,
      }),
  };
}

function withoutType({ type: _type, ...rest }: Record<string, unknown>): object {
  return rest;
}

function given(fields: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

function messagesOf(
  asked: Record<string, unknown>,
  historyOf: History,
): { messages: ChatCompletionMessageParam[] } | { refusal: Refusal } {
  const messages: ChatCompletionMessageParam[] = [];
  if (typeof asked.instructions === 'string') messages.push({ role: 'system', content: asked.instructions });
  if (typeof asked.previous_response_id === 'string') {
    const id = asked.previous_response_id;
    const history = historyOf(id);
    if (!history) {
      const message = `Previous response with id '${id}' not found.`;
      return {
        refusal: openAiErrors.badRequest(message, 'previous_response_id', 'previous_response_not_found'),
      };
    }
    // Instructions do not carry over from one response to the next.
    messages.push(...history);
  }
  if (typeof asked.input === 'string')
    return { messages: [...messages, { role: 'user', content: asked.input }] };
  if (!Array.isArray(asked.input))
    return bad("Invalid type for 'input': expected a string or an array.", 'input');
  for (const [i, item] of asked.input.entries()) {
    const problem = addItem(messages, item, `input[${i}]`);
    if (problem) return { refusal: problem };
  }
  return { messages };
}

/** Adds one input item. Calls that follow each other belong to one message, as chat completions write them. */
function addItem(messages: ChatCompletionMessageParam[], item: unknown, where: string): Refusal | undefined {
  if (!isObject(item))
    return openAiErrors.badRequest(`Invalid type for '${where}': expected an object.`, where);
  const { type = 'message', role, content } = item;
  switch (type) {
    case 'message': {
      const text = textOfContent(content);
      if (text === undefined) return openAiErrors.notSimulated(`${where}.content other than text`);
      messages.push({ role, content: text } as ChatCompletionMessageParam);
      return undefined;
    }
    case 'function_call': {
      const call = {
        id: String(item.call_id),
        type: 'function' as const,
        function: { name: String(item.name), arguments: String(item.arguments) },
      };
      const last = messages.at(-1);
      if (last?.role === 'assistant') last.tool_calls = [...(last.tool_calls ?? []), call];
      else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      return undefined;
    }
    case 'function_call_output':
      messages.push({
        role: 'tool',
        tool_call_id: String(item.call_id),
        content: textOfContent(item.output) ?? JSON.stringify(item.output),
      });
      return undefined;
    case 'reasoning':
      return undefined;
    default:
      return openAiErrors.notSimulated(`${where} of type "${type}"`);
  }
}

/** Text parts keep a breakpoint that the caller set on them; parts that are not text give undefined. */
function textOfContent(content: unknown): string | ChatCompletionContentPartText[] | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  if (!content.every((part) => isObject(part) && typeof part.text === 'string')) return undefined;
  return content.map((part) => ({ ...part, type: 'text' as const, text: String(part.text) }));
}
