import type OpenAI from 'openai';
import { filler, quick } from '#lib/provider';

/** The rules are the same for all and marked, so that the provider's cache keeps them. */
export function requestOf(
  model: string,
  content: string,
  thinks: boolean,
): OpenAI.ChatCompletionCreateParamsStreaming {
  const rules = {
    type: 'text' as const,
    text: RULES,
    prompt_cache_breakpoint: { mode: 'explicit' as const },
  };
  return {
    ...quick(model),
    ...(thinks && { reasoning_effort: 'low' as const }),
    prompt_cache_key: 'help-page',
    messages: [
      { role: 'system', content: [rules] },
      { role: 'user', content },
    ],
    stream: true,
  };
}

const RULES = `You are the help page. ${filler(1200, 'rules of the help page')}`;
