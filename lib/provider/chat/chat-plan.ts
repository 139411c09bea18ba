import { uniqueId } from '../ids.ts';
import { type Circumstances, drawPace, type Pace } from '../latency.ts';
import { findModel, type Model } from '../models.ts';
import type { ScannedPrompt } from '../prompt-scan.ts';
import type { Deployment } from '../provider-plan.ts';
import { hash32, type Random, randomFor } from '../random.ts';
import type { Simulator } from '../simulator.ts';
import type { Steps } from '../steps.ts';
import type { Said } from '../text.ts';
import type { WrittenAnswer } from '../written.ts';
import type { ChatBody } from './chat-body.ts';
import { withLogprobs } from './logprobs.ts';
import { type ChatPiece, cutAtStop, piecesOf, saidOf, truncate } from './pieces.ts';
import { capOf, scanChat, wordsOf } from './prompt.ts';
import { drawReasoning, effortOf } from './reasoning.ts';
import { tierOf, tierSlowdown } from './tier.ts';
import { asWritten, writeAnswer } from './write-answer.ts';

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ChoicePlan {
  said: Said<ChatPiece>;
  /** Neither a refusal nor a call of a tool is in it. */
  onlyText: boolean;
  toolCalls: readonly { id: string; name: string }[];
  reasoningTokens: number;
  finish: Finish;
  /** When what is due, by the circumstances; `paceOf` asks for it. */
  drawn: (circumstances: Circumstances) => Pace;
  /** How many times longer everything takes, by the tier that was asked for. */
  tierSlowdown: number;
}

export function paceOf(
  { drawn, reasoningTokens, tierSlowdown }: ChoicePlan,
  { cachedTokens = 0, slowdown = 1 }: Circumstances = {},
): Pace {
  return drawn({ cachedTokens, reasoningTokens, slowdown: slowdown * tierSlowdown });
}

/** Everything that is decided about an answer before the first millisecond passes. */
export interface ChatPlan {
  id: string;
  snapshot: string;
  inputTokens: number;
  choices: readonly ChoicePlan[];
  /** The prompt as the cache reads it; short prompts are never cached, so they are not scanned. */
  prompt: ScannedPrompt | undefined;
}

const SHORTEST_CACHED = 1024;

/**
 * Plans the answer to a request. All draws are keyed by deployment, messages and repeat, so a request gets the same
 * answer at the same pace whatever else is going on, streamed or not. With a `seed` or at temperature 0 the answer
 * does not depend on the repeat; its pace still does.
 */
export function* planChat(
  simulator: Simulator,
  deployment: Deployment,
  body: ChatBody,
  inputTokens: number,
  { repeat, number, scripted }: AnswerNumbers,
): Steps<ChatPlan> {
  const model = findModel(deployment.model) as Model;
  const words = wordsOf(body.messages);
  yield;
  const steady = body.seed != null || body.temperature === 0;
  const key = [simulator.seed, deployment.name, hash32(words)] as const;
  const fixed = typeof body.seed === 'number' ? [body.seed] : [];
  yield;
  const choices: ChoicePlan[] = [];
  for (let index = 0; index < (body.n ?? 1); index += 1) {
    const which = index === 0 ? [] : ['choice', index];
    const random = randomFor(...key, steady ? 0 : repeat, 'answer', ...fixed, ...which);
    const pace = randomFor(...key, repeat, 'pace', ...which);
    choices.push(
      planChoice({
        key: [...key, ...which, steady ? 0 : repeat],
        simulator,
        deployment,
        model,
        body,
        inputTokens,
        random,
        pace,
        index,
        number,
        scripted,
      }),
    );
    yield;
  }
  const prompt = inputTokens < SHORTEST_CACHED ? undefined : yield* scanChat(body, model);
  const id = uniqueId(simulator.seed, 'answer', number);
  return { id, snapshot: model.snapshot, inputTokens, prompt, choices };
}

/** Which of many requests this is, and what a fault plan has written for it. */
export interface AnswerNumbers {
  /** How many with the same body came before. */
  repeat: number;
  /** A number that no other answer has; for ids. */
  number: number;
  scripted?: string | WrittenAnswer | undefined;
}

interface ChoiceRequest extends Pick<AnswerNumbers, 'number' | 'scripted'> {
  /** What its own draws are keyed by. */
  key: readonly (string | number)[];
  simulator: Simulator;
  deployment: Deployment;
  model: Model;
  body: ChatBody;
  inputTokens: number;
  random: Random;
  pace: Random;
  index: number;
}

function planChoice(asked: ChoiceRequest): ChoicePlan {
  const { simulator, deployment, model, body, inputTokens, random, index, number } = asked;
  const { scripted } = asked;
  const answer = asWritten(scripted) ?? writeAnswer(simulator, deployment, model, body, random);
  const cap = capOf(body) ?? model.maxOutputTokens;
  const thought = drawReasoning(effortOf(body.reasoning_effort, model), random);
  const reasoningTokens = Math.min(thought, cap);
  const stopped = cutAtStop(answer.content ?? '', body.stop);
  const known = stopped === answer.content ? answer.said : undefined;
  const all = known ?? saidOf(piecesOf({ ...answer, content: stopped }, model));
  const plain = truncate(all, cap - reasoningTokens);
  const wanted = body.logprobs ? (body.top_logprobs ?? 0) : undefined;
  const said =
    wanted === undefined
      ? plain
      : { ...plain, pieces: withLogprobs(plain.pieces, wanted, model.encoding, asked.key) };
  const calls = answer.toolCalls ?? [];
  // A function that the caller named is not the model's own decision: OpenAI ends such an answer with `stop`.
  const named = typeof body.tool_choice === 'object' && body.tool_choice.type === 'function';
  const whole = calls.length > 0 && !named ? 'tool_calls' : 'stop';
  return {
    said,
    onlyText: calls.length === 0 && answer.refusal === undefined,
    toolCalls: calls.map(({ name }, tool) => ({
      name,
      id: `call_${uniqueId(simulator.seed, `call ${index} ${tool}`, number)}`,
    })),
    reasoningTokens,
    finish: plain !== all || reasoningTokens < thought ? 'length' : whole,
    drawn: drawPace(deployment.latency, inputTokens, asked.pace, deployment.stragglers),
    tierSlowdown: tierSlowdown(tierOf(body.service_tier)),
  };
}
