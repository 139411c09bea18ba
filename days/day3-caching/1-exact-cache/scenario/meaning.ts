import type OpenAI from 'openai';
import type * as Contract from '../../contracts/exact-cache.ts';

export type Request = Contract.ChatRequest;

/** One request of the trace. */
export interface Asked {
  request: Request;
  scope: Contract.Scope;
  /** The user leaves after so many milliseconds. */
  leavesAfterMs?: number;
  /** Part of the help-page traffic that hit rate and dollars are measured on. */
  faq?: true;
}

/** Fields that say who asks or how it is billed; the answer does not depend on them. */
const NOT_PART_OF_THE_QUESTION = ['user', 'metadata', 'store', 'stream', 'stream_options'];

/** Everything that makes this request what it is, in one order: requests with the same meaning may share an answer. */
export function meaning(asked: Asked): string {
  return JSON.stringify([asked.scope.tenant, parts(asked)]);
}

/** The fields in which two requests differ. */
export function differences(one: Asked, other: Asked): string[] {
  const [a, b] = [parts(one), parts(other)];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}

function parts({ request, scope }: Asked): Record<string, unknown> {
  const messages = request.messages.map(({ content, ...rest }) => ({
    ...rest,
    content: typeof content === 'string' ? content.trim() : content,
  }));
  const kept = Object.entries({ ...request, messages, 'prompt version': scope.promptVersion })
    .filter(([name]) => !NOT_PART_OF_THE_QUESTION.includes(name))
    .map(([name, value]) => [name, inOrder(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(kept);
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, inOrder(inner)]));
}

export function isStream(reply: Contract.Reply): reply is AsyncIterable<OpenAI.ChatCompletionChunk> {
  return Symbol.asyncIterator in reply;
}

export async function textOf(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}
