import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { drawPace, type Pace } from './latency.ts';
import { findModel, type Model } from './models.ts';
import type { Deployment } from './plan.ts';
import { hash32, randomFor } from './random.ts';
import type { Simulator } from './simulator.ts';
import { composeAnswer, drawLength } from './text.ts';
import { countChatTokens, type Piece, splitIntoPieces, textOf } from './tokens.ts';

/** Everything that is decided about an answer before the first millisecond passes. */
export interface ChatPlan {
  id: string;
  snapshot: string;
  inputTokens: number;
  pieces: readonly Piece[];
  finish: 'stop' | 'length';
  pace: Pace;
}

/**
 * Plans the answer to a request. All draws are keyed by model, messages and repeat, so a request gets the same answer
 * at the same pace whatever else is going on, streamed or not.
 */
export function planChat(
  simulator: Simulator,
  deployment: Deployment,
  body: ChatCompletionCreateParams,
  repeat: number,
): ChatPlan {
  const model = findModel(deployment.model) as Model;
  const key = [simulator.seed, deployment.name, hash32(JSON.stringify(body.messages)), repeat] as const;
  const inputTokens = countChatTokens(body.messages, model.encoding);
  const random = randomFor(...key, 'answer');
  const sentences = (tokens: number) => composeAnswer(random, tokens, model.encoding);
  const written = simulator.answer?.({
    prompt: lastUserText(body),
    messages: body.messages,
    model: deployment.model,
    random,
    sentences,
  });
  const answer = written ?? sentences(drawLength(deployment.answers, random));
  const cap = body.max_completion_tokens ?? body.max_tokens ?? model.maxOutputTokens;
  const { pieces, cut } = truncate(splitIntoPieces(answer, model.encoding), cap);
  return {
    id: `chatcmpl-${hash32(key.join()).toString(36)}${hash32(`${key.join()}id`).toString(36)}`,
    snapshot: model.snapshot,
    inputTokens,
    pieces,
    finish: cut ? 'length' : 'stop',
    pace: drawPace(deployment.latency, inputTokens, randomFor(...key, 'pace'), deployment.stragglers),
  };
}

export function lastUserText(body: Pick<ChatCompletionCreateParams, 'messages'>): string {
  return textOf(body.messages.findLast((message) => message.role === 'user')?.content);
}

export function sumTokens(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.tokens, 0);
}

function truncate(pieces: Piece[], cap: number): { pieces: Piece[]; cut: boolean } {
  let left = cap;
  const kept = pieces.findIndex((piece) => {
    left -= piece.tokens;
    return left < 0;
  });
  return kept === -1 ? { pieces, cut: false } : { pieces: pieces.slice(0, kept), cut: true };
}
