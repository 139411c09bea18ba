import type { Model } from '../models.ts';
import { type PromptPart, type ScannedPrompt, scanPrompt } from '../prompt-scan.ts';
import type { Steps } from '../steps.ts';
import { countChatTokens, countTokens, type Encoding, REPLY_TOKENS, textOf } from '../tokens.ts';
import type { ChatBody } from './chat-body.ts';
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
  return scanPrompt(partsOf(body, model), model.encoding);
}

function* partsOf(body: ChatBody, { encoding }: Model): Iterable<PromptPart> {
  const tag = toolText(body);
  if (tag) yield { tag, overhead: countToolTokens(body, encoding) + countSchema(body, encoding), text: '' };
  for (const message of body.messages)
    yield {
      tag: message.role + callsText(message),
      overhead: countChatTokens([{ ...message, content: '' }], encoding) - REPLY_TOKENS,
      text: textOf(message.content),
    };
}

function callsText(message: ChatBody['messages'][number]): string {
  return message.role === 'assistant' && message.tool_calls ? JSON.stringify(message.tool_calls) : '';
}
