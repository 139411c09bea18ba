import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { CompletionUsage } from 'openai/resources/completions';
import type { ChatPlan } from './chat-plan.ts';
import type { Tokens } from './money.ts';
import type { Vendor } from './vendors.ts';

/** The body of an answer that is not streamed. */
export function completion(plan: ChatPlan, vendor: Vendor, answer: string, tokens: Tokens): ChatCompletion {
  return {
    id: plan.id,
    object: 'chat.completion',
    created: nowInSeconds(),
    model: plan.snapshot,
    ...vendor.promptExtras,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer, refusal: null, annotations: [] },
        logprobs: null,
        finish_reason: plan.finish,
        ...vendor.choiceExtras,
      },
    ],
    usage: usage(tokens),
    service_tier: 'default',
  };
}

/** The chunks of one streamed answer, as text of server-sent events. */
export function chunkWriter(plan: ChatPlan, vendor: Vendor, includeUsage: boolean) {
  const head = {
    id: plan.id,
    object: 'chat.completion.chunk',
    created: nowInSeconds(),
    model: plan.snapshot,
  } as const;
  // With usage asked for, every chunk but the last carries `usage: null`; without, there is no such key.
  const tail = includeUsage ? { usage: null } : {};
  const choice = (
    delta: ChatCompletionChunk.Choice.Delta,
    finish_reason: ChatCompletionChunk.Choice['finish_reason'],
  ): string => {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason, ...vendor.choiceExtras }];
    return event({ ...head, choices, ...tail });
  };
  return {
    /** Azure's first chunk: no choice, no id, no model, only what its filter says of the prompt. */
    promptFilter: (): string =>
      vendor.name === 'azure'
        ? event({
            id: '',
            object: '' as 'chat.completion.chunk',
            created: 0,
            model: '',
            choices: [],
            ...vendor.promptExtras,
          })
        : '',
    role: () => choice({ role: 'assistant', content: '', refusal: null }, null),
    text: (content: string) => choice({ content }, null),
    finish: () => choice({}, plan.finish),
    usage: (tokens: Tokens) => (includeUsage ? event({ ...head, choices: [], usage: usage(tokens) }) : ''),
    done: () => 'data: [DONE]\n\n',
  };
}

export function usage({ input, cached, output }: Tokens): CompletionUsage {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function event(chunk: ChatCompletionChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
