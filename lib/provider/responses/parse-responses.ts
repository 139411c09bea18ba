import type {
  ChatCompletionContentPartText,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import type { ChatBody } from '../chat/chat-body.ts';
import { findChatProblem, isObject, parseObject, unparsed } from '../chat/parse-chat.ts';
import { openAiErrors, type Refusal } from '../errors.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import type { Steps } from '../steps.ts';
import { NOT_SIMULATED, responsesSchema } from './responses-schema.ts';

/** A request to the Responses API, and the same request in the words of chat completions, which do the work. */
export interface ResponsesBody {
  asked: Record<string, unknown>;
  chat: ChatBody;
}

/** What earlier responses left behind. */
export interface Earlier {
  /** The messages of a stored response, its own among them. */
  messagesOf(responseId: string): readonly ChatCompletionMessageParam[] | undefined;
  /** The items of a conversation. */
  itemsOf(conversationId: string): readonly Record<string, unknown>[] | undefined;
  /** An item of a stored response or a conversation, input or output. */
  item(id: string): Record<string, unknown> | undefined;
}

/** Reads a request, or says what is wrong with it in the vendor's words. */
export function* parseResponsesBody(
  text: string,
  earlier: Earlier,
): Steps<{ body: ResponsesBody } | { refusal: Refusal }> {
  const asked = parseObject(text);
  if (!asked) return { refusal: unparsed() };
  yield;
  const problem = yield* findShapeProblem(asked, responsesSchema, {
    unknown: unknownParameter,
    notSimulated: NOT_SIMULATED,
  });
  if (problem) return { refusal: problem };
  if (asked.conversation != null && asked.previous_response_id != null)
    return { refusal: openAiErrors.badRequest(ONE_OF, null, 'mutually_exclusive_parameters') };
  const messages = yield* messagesOf(asked, earlier);
  if ('refusal' in messages) return messages;
  const { mode } = (asked.reasoning ?? {}) as { mode?: string };
  if (mode != null && mode !== 'standard')
    return { refusal: openAiErrors.notSimulated(`reasoning.mode "${mode}"`) };
  const odd = findOddTool(asked);
  if (odd) return { refusal: odd };
  const chat = toChat(asked, messages.messages) as ChatBody;
  const refusal = findChatProblem(chat);
  return refusal ? { refusal } : { body: { asked, chat } };
}

const ONE_OF =
  "Mutually exclusive parameters: Ensure you are only providing one of: 'previous_response_id' or 'conversation'.";

/** Named by its id, or by an object that has it. */
export function idOfConversation(conversation: unknown): string {
  return isObject(conversation) ? String(conversation.id) : String(conversation);
}

function findOddTool({ tools, tool_choice }: Record<string, unknown>): Refusal | undefined {
  const odd = ((tools ?? []) as { type: string }[]).find(({ type }) => type !== 'function');
  if (odd) return openAiErrors.notSimulated(`a tool of type "${odd.type}"`);
  if (!isObject(tool_choice) || tool_choice.type === 'function' || tool_choice.type === 'allowed_tools')
    return undefined;
  return openAiErrors.notSimulated(`tool_choice of type "${tool_choice.type}"`);
}

function toChat(asked: Record<string, unknown>, messages: readonly ChatCompletionMessageParam[]): object {
  const { text, reasoning } = asked as {
    text?: { format?: Record<string, unknown>; verbosity?: string };
    reasoning?: { effort?: string };
  };
  const format = text?.format;
  const tools = (asked.tools ?? []) as Record<string, unknown>[];
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
      prompt_cache_retention: asked.prompt_cache_retention,
      reasoning_effort: reasoning?.effort,
      verbosity: text?.verbosity,
      ...(wantsLogprobs(asked) && { logprobs: true, top_logprobs: asked.top_logprobs ?? 0 }),
    }),
    ...(tools.length > 0 && {
      ...given({ parallel_tool_calls: asked.parallel_tool_calls }),
      tools: tools.map(({ type, ...rest }) => ({ type, function: rest })),
      tool_choice: toolChoice(asked.tool_choice),
    }),
    ...(format &&
      format.type !== 'text' && {
        response_format:
          format.type === 'json_schema' ? { type: 'json_schema', json_schema: withoutType(format) } : format,
      }),
  };
}

/** Asked for by name, or by how many of them. */
function wantsLogprobs({ include, top_logprobs }: Record<string, unknown>): boolean {
  const named = (include as string[] | null | undefined)?.includes('message.output_text.logprobs');
  return named === true || (typeof top_logprobs === 'number' && top_logprobs > 0);
}

function toolChoice(choice: unknown): unknown {
  if (!isObject(choice)) return choice ?? 'auto';
  const named = ({ name }: Record<string, unknown>) => ({ type: 'function', function: { name } });
  if (choice.type !== 'allowed_tools') return named(choice);
  const { mode, tools } = choice as { mode: string; tools: Record<string, unknown>[] };
  return { type: 'allowed_tools', allowed_tools: { mode, tools: tools.map(named) } };
}

function withoutType({ type: _type, ...rest }: Record<string, unknown>): object {
  return rest;
}

function given(fields: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/** The words: openai-agents-python#2265. */
const NOT_PERSISTED =
  'Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.';

const ITEMS_A_STEP = 200;

function* messagesOf(
  { instructions, previous_response_id: id, conversation, input }: Record<string, unknown>,
  earlier: Earlier,
): Steps<{ messages: ChatCompletionMessageParam[] } | { refusal: Refusal }> {
  const messages: ChatCompletionMessageParam[] = [];
  if (typeof instructions === 'string') messages.push({ role: 'system', content: instructions });
  if (typeof id === 'string') {
    const history = earlier.messagesOf(id);
    if (!history) {
      const message = `Previous response with id '${id}' not found.`;
      return {
        refusal: openAiErrors.badRequest(message, 'previous_response_id', 'previous_response_not_found'),
      };
    }
    // Instructions do not carry over from one response to the next.
    for (const message of history) messages.push(message);
  }
  if (conversation != null) {
    const known = idOfConversation(conversation);
    const items = earlier.itemsOf(known);
    if (!items) return { refusal: openAiErrors.notFound(`Conversation with id '${known}' not found.`, null) };
    for (const [i, item] of items.entries()) {
      const problem = addItem(messages, item, `conversation.items[${i}]`, earlier);
      if (problem) return { refusal: problem };
      if (i % ITEMS_A_STEP === 0) yield;
    }
  }
  if (typeof input === 'string') return { messages: [...messages, { role: 'user', content: input }] };
  for (const [i, item] of (input as Record<string, unknown>[]).entries()) {
    const problem = addItem(messages, item, `input[${i}]`, earlier);
    if (problem) return { refusal: problem };
    if (i % ITEMS_A_STEP === 0) yield;
  }
  if (messages.length === 0)
    return { refusal: openAiErrors.badRequest("Invalid 'input': empty array.", 'input', 'empty_array') };
  return { messages };
}

/** Adds one input item. Calls that follow each other belong to one message, as chat completions write them. */
function addItem(
  messages: ChatCompletionMessageParam[],
  item: Record<string, unknown>,
  where: string,
  earlier: Earlier,
): Refusal | undefined {
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
      if (last?.role === 'assistant')
        messages[messages.length - 1] = { ...last, tool_calls: [...(last.tool_calls ?? []), call] };
      else messages.push({ role: 'assistant', content: null, tool_calls: [call] });
      return undefined;
    }
    case 'function_call_output': {
      const output = textOfContent(item.output);
      if (output === undefined) return openAiErrors.notSimulated(`${where}.output other than text`);
      messages.push({ role: 'tool', tool_call_id: String(item.call_id), content: output });
      return undefined;
    }
    case 'reasoning':
      return undefined;
    case 'item_reference': {
      const id = String(item.id);
      const found = earlier.item(id);
      if (found) return addItem(messages, found, where, earlier);
      return openAiErrors.notFound(`Item with id '${id}' not found. ${NOT_PERSISTED}`, 'input');
    }
    default:
      return openAiErrors.notSimulated(`${where} of type "${type}"`);
  }
}

/** Text parts keep a breakpoint that the caller set on them; parts that are not text give undefined. */
function textOfContent(content: unknown): string | ChatCompletionContentPartText[] | undefined {
  if (typeof content === 'string') return content;
  const parts = content as readonly Record<string, unknown>[];
  const texts = parts.map((part) => part.text ?? part.refusal);
  if (!texts.every((text) => typeof text === 'string')) return undefined;
  return parts.map((part, i) => ({ ...part, type: 'text' as const, text: String(texts[i]) }));
}
