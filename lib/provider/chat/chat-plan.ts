import { uniqueId } from '../ids.ts';
import { type Circumstances, drawPace, type Pace } from '../latency.ts';
import { findModel, type Model } from '../models.ts';
import { type ScannedPrompt, scanPrompt } from '../prompt-scan.ts';
import type { Deployment } from '../provider-plan.ts';
import { hash32, type Random, randomFor } from '../random.ts';
import type { Simulator, WrittenAnswer } from '../simulator.ts';
import { composeAnswer, drawLength, type Said } from '../text.ts';
import {
  countChatTokens,
  countTokens,
  type Encoding,
  type Piece,
  REPLY_TOKENS,
  splitIntoPieces,
  textOf,
} from '../tokens.ts';
import type { ChatBody } from './parse-chat.ts';
import { drawReasoning, effortOf } from './reasoning.ts';
import { sample } from './sample.ts';
import type { JsonSchema } from './strict-schema.ts';
import { chooseTools, countToolTokens, toolsOf, toolText } from './tools.ts';

/** A stretch of an answer: of its text, or of one of its tool calls. */
export interface ChatPiece extends Piece {
  /** Which tool call it belongs to; undefined for text. */
  tool?: number;
  refusal?: true;
}

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

/** A tool call costs a few tokens beside its name and arguments. */
const TOOL_CALL_TOKENS = 4;
const SHORTEST_CACHED = 1024;

/**
 * Plans the answer to a request. All draws are keyed by deployment, messages and repeat, so a request gets the same
 * answer at the same pace whatever else is going on, streamed or not. With a `seed` or at temperature 0 the answer
 * does not depend on the repeat; its pace still does.
 */
export function planChat(
  simulator: Simulator,
  deployment: Deployment,
  body: ChatBody,
  { repeat, number }: Place,
): ChatPlan {
  const model = findModel(deployment.model) as Model;
  const inputTokens = countInput(body, model);
  const steady = body.seed != null || body.temperature === 0;
  const key = [simulator.seed, deployment.name, hash32(wordsOf(body.messages))] as const;
  const fixed = typeof body.seed === 'number' ? [body.seed] : [];
  return {
    id: uniqueId(simulator.seed, 'answer', number),
    snapshot: model.snapshot,
    inputTokens,
    prompt: inputTokens < SHORTEST_CACHED ? undefined : scan(body, model),
    choices: Array.from({ length: body.n ?? 1 }, (_, index) => {
      const which = index === 0 ? [] : ['choice', index];
      const random = randomFor(...key, steady ? 0 : repeat, 'answer', ...fixed, ...which);
      const pace = randomFor(...key, repeat, 'pace', ...which);
      return planChoice({ simulator, deployment, model, body, inputTokens, random, pace, index, number });
    }),
  };
}

/** Which of many requests this is. */
export interface Place {
  /** How many with the same body came before. */
  repeat: number;
  /** A number that no other answer has; for ids. */
  number: number;
}

/** What was said, without the ids of calls: those are new each time, and a draw must not hang on them. */
function wordsOf(messages: ChatBody['messages']): string {
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

interface ChoiceRequest {
  simulator: Simulator;
  deployment: Deployment;
  model: Model;
  body: ChatBody;
  inputTokens: number;
  random: Random;
  pace: Random;
  index: number;
  /** As in `Place`. */
  number: number;
}

function planChoice(asked: ChoiceRequest): ChoicePlan {
  const { simulator, deployment, model, body, inputTokens, random, index, number } = asked;
  const answer = writeAnswer(simulator, deployment, model, body, random);
  const cap = capOf(body) ?? model.maxOutputTokens;
  const thought = drawReasoning(effortOf(body.reasoning_effort, model), random);
  const reasoningTokens = Math.min(thought, cap);
  const stopped = cutAtStop(answer.content ?? '', body.stop);
  const known = stopped === answer.content ? answer.said : undefined;
  const all = known ?? saidOf(piecesOf({ ...answer, content: stopped }, model));
  const said = truncate(all, cap - reasoningTokens);
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
    finish: said !== all || reasoningTokens < thought ? 'length' : whole,
    drawn: drawPace(deployment.latency, inputTokens, asked.pace, deployment.stragglers),
    tierSlowdown: body.service_tier === 'flex' ? FLEX_SLOWDOWN : 1,
  };
}

/** Flex is slower by nature; by how much is not published. */
const FLEX_SLOWDOWN = 2;

/** What is answered; a text that was composed here is counted already. */
interface PlannedAnswer extends WrittenAnswer {
  said?: Said<ChatPiece>;
}

function writeAnswer(
  simulator: Simulator,
  deployment: Deployment,
  model: Model,
  body: ChatBody,
  random: Random,
): PlannedAnswer {
  const prompt = lastUserText(body);
  const schema = schemaOf(body);
  const { encoding } = model;
  const written = simulator.answer?.({
    prompt,
    messages: body.messages,
    model: deployment.model,
    random,
    seed: simulator.seed,
    tools: toolsOf(body).map((tool) => tool.name),
    schema: schema as Record<string, unknown> | undefined,
    sentences: (tokens) => composeAnswer(random, tokens, encoding).text,
  });
  if (typeof written === 'string') return { content: written };
  if (written) return written;
  const toolCalls = chooseTools(body, prompt, random);
  if (toolCalls && toolCalls.length > 0) return { toolCalls };
  if (schema) return { content: JSON.stringify(sample(schema, random)) };
  const said = composeAnswer(random, drawLength(deployment.answers, random), encoding);
  return { content: said.text, said };
}

function schemaOf({ response_format }: ChatBody): JsonSchema | undefined {
  if (response_format?.type === 'json_schema') return response_format.json_schema.schema as JsonSchema;
  if (response_format?.type !== 'json_object') return undefined;
  return { type: 'object', properties: { answer: { type: 'string' }, count: { type: 'integer' } } };
}

function piecesOf(
  { content = '', toolCalls = [], refusal }: WrittenAnswer,
  { encoding }: Model,
): ChatPiece[] {
  if (refusal !== undefined)
    return splitIntoPieces(refusal, encoding).map((piece) => ({ ...piece, refusal: true }));
  const calls = toolCalls.flatMap(({ name, arguments: args }, tool): ChatPiece[] => [
    { text: '', tokens: countTokens(name, encoding) + TOOL_CALL_TOKENS, tool },
    ...splitIntoPieces(JSON.stringify(args), encoding).map((piece) => ({ ...piece, tool })),
  ]);
  return [...splitIntoPieces(content, encoding), ...calls];
}

function cutAtStop(text: string, stop: ChatBody['stop']): string {
  if (stop == null) return text;
  const places = [stop].flat().map((word) => (word === '' ? -1 : text.indexOf(word)));
  const first = Math.min(...places.filter((at) => at >= 0));
  return first === Number.POSITIVE_INFINITY ? text : text.slice(0, first);
}

/** As much as fits the cap; the same object if all of it does. */
function truncate(said: Said<ChatPiece>, cap: number): Said<ChatPiece> {
  return said.tokens <= cap ? said : saidOf(firstPieces(said.pieces, cap));
}

/** The pieces that together make at most so many tokens. */
export function firstPieces(pieces: readonly ChatPiece[], cap: number): readonly ChatPiece[] {
  let left = cap;
  const kept = pieces.findIndex((piece) => {
    left -= piece.tokens;
    return left < 0;
  });
  return kept === -1 ? pieces : pieces.slice(0, kept);
}

export function saidOf(pieces: readonly ChatPiece[]): Said<ChatPiece> {
  let text = '';
  let tokens = 0;
  for (const piece of pieces) {
    text += piece.text;
    tokens += piece.tokens;
  }
  return { text, tokens, pieces };
}

function countInput(body: ChatBody, { encoding }: Model): number {
  return (
    countChatTokens(body.messages, encoding) + countToolTokens(body, encoding) + countSchema(body, encoding)
  );
}

function countSchema({ response_format }: ChatBody, encoding: Encoding): number {
  if (response_format?.type !== 'json_schema') return 0;
  return countTokens(JSON.stringify(response_format.json_schema), encoding);
}

/** The prompt in the order in which the vendor renders it: tools and schemas before all messages. */
function scan(body: ChatBody, { encoding }: Model): ScannedPrompt {
  const messages = body.messages.map((message) => ({
    tag: message.role + callsText(message),
    overhead: countChatTokens([{ ...message, content: '' }], encoding) - REPLY_TOKENS,
    text: textOf(message.content),
  }));
  const tools = toolText(body);
  if (!tools) return scanPrompt(messages, encoding);
  const overhead = countToolTokens(body, encoding) + countSchema(body, encoding);
  return scanPrompt([{ tag: tools, overhead, text: '' }, ...messages], encoding);
}

function callsText(message: ChatBody['messages'][number]): string {
  return message.role === 'assistant' && message.tool_calls ? JSON.stringify(message.tool_calls) : '';
}
