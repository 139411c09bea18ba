import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';

/** The body of a chat request, as the SDK types it. */
export type ChatBody = ChatCompletionCreateParams;
