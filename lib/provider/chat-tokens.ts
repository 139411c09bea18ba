import { countTokens, type Encoding, textOf } from './tokens.ts';

export interface CountedMessage {
  role: string;
  content?: unknown;
  name?: string | undefined;
  tool_calls?: readonly { type?: string; function?: { name: string; arguments: string } }[] | undefined;
}

/** Tokens that prime the answer, once a request. */
export const REPLY_TOKENS = 3;
/** What a tool call in the history costs beside its name and arguments. */
const TOOL_CALL_TOKENS = 4;

/**
 * What a list of chat messages is billed as: 3 tokens a message, its role and content, 1 for a name, and 3 that prime
 * the answer. Source: OpenAI cookbook, "How to count tokens with tiktoken".
 */
export function countChatTokens(
  messages: readonly CountedMessage[],
  encoding: Encoding = 'o200k_base',
): number {
  let total = REPLY_TOKENS;
  for (const { role, content, name, tool_calls = [] } of messages) {
    total += 3 + countTokens(role, encoding) + countTokens(textOf(content), encoding);
    if (name !== undefined) total += 1 + countTokens(name, encoding);
    for (const call of tool_calls) {
      const { name = '', arguments: args = '' } = call.function ?? {};
      total += TOOL_CALL_TOKENS + countTokens(name, encoding) + countTokens(args, encoding);
    }
  }
  return total;
}
