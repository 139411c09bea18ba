import { naivePrompt } from '#course/day5-nodejs/contentflow/parts.ts';
import type {
  Assistant,
  Chunk,
  Context,
  Optimization,
  Request,
} from '#course/day5-nodejs/contracts/assistant.ts';

/** Names of what this assistant does to be fast and cheap. Whoever calls it can switch each of them off. */
export const optimizations: readonly Optimization[] = [];

/** An assistant for one day. It works; it is slow, expensive, and has nothing to fall back on. */
export function createAssistant(context: Context, _off: ReadonlySet<string>): Assistant {
  const { openai, models } = context;

  return { handle };

  // TODO: the strongest model for everything, all that was found, each question as if it were the first.
  async function* handle(request: Request): AsyncGenerator<Chunk> {
    const { choices } = await openai.chat.completions.create({
      model: models.strong.model,
      // Left out, the model thinks first: slower, and billed.
      reasoning_effort: models.strong.effort,
      messages: naivePrompt(context, request).messages,
    });
    yield { text: choices[0]?.message.content ?? '' };
  }
}
