import { countChatTokens, REPLY_TOKENS } from '../chat-tokens.ts';
import type { Model } from '../models.ts';
import { type PromptPart, type ScannedPrompt, scanPrompt } from '../prompt-scan.ts';
import type { Steps } from '../steps.ts';
import { countTokens, type Encoding, textOf } from '../tokens.ts';
import type { ChatBody } from './chat-body.ts';
import { effortOf } from './reasoning.ts';
import { tierOf } from './tier.ts';
import { countToolTokens, toolText } from './tools.ts';

/** What was said, without the ids of calls: those are new each time, and a draw must not hang on them. */
export function wordsOf(messages: ChatBody['messages']): string {
  if (!messages.some(({ role }) => role === 'tool')) return JSON.stringify(messages);
  return JSON.stringify(messages, (name, value) =>
    name === 'tool_call_id' || name === 'id' ? undefined : value,
  );
}

export function lastUserText(body: Pick<ChatBody, 'messages'>): string {
  return textOf(body.messages.findLast((message) => message.role === 'user')?.content);
}

/** The output cap that a request asks for, or undefined. */
export function capOf(body: ChatBody): number | undefined {
  return body.max_completion_tokens ?? body.max_tokens ?? undefined;
}

export function countInput(body: ChatBody, { encoding }: Model): number {
  return (
    countChatTokens(body.messages, encoding) + countToolTokens(body, encoding) + countSchema(body, encoding)
  );
}

function countSchema({ response_format }: ChatBody, encoding: Encoding): number {
  if (response_format?.type !== 'json_schema') return 0;
  return countTokens(JSON.stringify(response_format.json_schema), encoding);
}

/** The prompt in the order in which the vendor renders it: tools and schemas before all messages. */
export function scanChat(body: ChatBody, model: Model): Steps<ScannedPrompt> {
  const settings = model.promptCache === 'breakpoint' ? settingsOf(body, model) : '';
  return scanPrompt(partsOf(body, model), model.encoding, settings);
}

function* partsOf(body: ChatBody, { encoding }: Model): Iterable<PromptPart> {
  const tag = toolText(body);
  if (tag) yield { tag, overhead: countToolTokens(body, encoding) + countSchema(body, encoding), text: '' };
  for (const message of body.messages) yield* blocksOf(message, encoding);
}

/** The breakpoints that the caller set, in order. */
export function breakpointsOf({ messages }: Pick<ChatBody, 'messages'>): Breakpoint[] {
  return messages.flatMap(({ content }) => {
    const blocks: readonly object[] = Array.isArray(content) ? content : [];
    return blocks.flatMap((block) => breakpointOf(block) ?? []);
  });
}

type Breakpoint = NonNullable<PromptPart['breakpoint']>;

/** The types of the SDK know no lifetime of a breakpoint's own. */
function breakpointOf(block: object): Breakpoint | undefined {
  return (block as { prompt_cache_breakpoint?: Breakpoint | null }).prompt_cache_breakpoint ?? undefined;
}

/** A message, block by block: a breakpoint may stand behind each of them, but not in what an assistant said. */
function blocksOf(message: ChatBody['messages'][number], encoding: Encoding): PromptPart[] {
  const { role, content } = message;
  const tag = role + callsText(message);
  const overhead = countChatTokens([{ ...message, content: '' }], encoding) - REPLY_TOKENS;
  const eligible = role === 'user' || role === 'tool';
  if (!Array.isArray(content)) return [{ tag, overhead, text: textOf(content), eligible }];
  return content.map((block, i) => ({
    ...(i === 0 ? { tag, overhead } : { tag: undefined, overhead: 0 }),
    text: textOf([block]),
    breakpoint: role === 'assistant' ? undefined : breakpointOf(block),
    eligible: eligible && i === content.length - 1,
  }));
}

/**
 * What besides the text must be the same for a prefix to be found again on GPT-5.6 and later (Prompt caching guide of 4
 * November 2026; the tier: its page on cache diagnostics). Model and tools are compared elsewhere.
 */
function settingsOf(body: ChatBody, model: Model): string {
  const { parallel_tool_calls = true, response_format, reasoning_effort, verbosity, service_tier } = body;
  const format = response_format?.type ?? 'text';
  return JSON.stringify([
    parallel_tool_calls,
    format,
    effortOf(reasoning_effort, model),
    verbosity ?? 'medium',
    tierOf(service_tier),
  ]);
}

function callsText(message: ChatBody['messages'][number]): string {
  return message.role === 'assistant' && message.tool_calls ? JSON.stringify(message.tool_calls) : '';
}
