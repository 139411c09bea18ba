import { uniqueId } from '../ids.ts';
import { type Circumstances, drawPace, type Pace } from '../latency.ts';
import { findModel, type Model } from '../models.ts';
import type { Deployment } from '../plan.ts';
import { type ScannedPrompt, scanPrompt } from '../prompt-scan.ts';
import { hash32, type Random, randomFor } from '../random.ts';
import type { Simulator, WrittenAnswer } from '../simulator.ts';
import { composeAnswer, drawLength } from '../text.ts';
import {
  countChatTokens,
  countTokens,
  type Encoding,
  type Piece,
  REPLY_TOKENS,
  splitIntoPieces,
  textOf,
} from '../tokens.ts';
import type { ChatBody } from './body.ts';
import { drawReasoning, effortOf } from './reasoning.ts';
import { sample } from './sample.ts';
import type { JsonSchema } from './schema.ts';
import { chooseTools, countToolTokens, toolsOf, toolText } from './tools.ts';

/** A stretch of an answer: of its text, or of one of its tool calls. */
export interface ChatPiece extends Piece {
  /** Which tool call it belongs to; undefined for text. */
  tool?: number;
  refusal?: true;
}

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ChoicePlan {
  pieces: readonly ChatPiece[];
  toolCalls: readonly { id: string; name: string }[];
  reasoningTokens: number;
  finish: Finish;
  pace(circumstances?: Circumstances): Pace;
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
      const callId = (tool: number) => `call_${uniqueId(simulator.seed, `call ${index} ${tool}`, number)}`;
      return planChoice({ simulator, deployment, model, body, inputTokens, random, pace, callId });
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

export function sumTokens(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.tokens, 0);
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
  callId(tool: number): string;
}

function planChoice(asked: ChoiceRequest): ChoicePlan {
  const { simulator, deployment, model, body, inputTokens, random, callId } = asked;
  const answer = writeAnswer(simulator, deployment, model, body, random);
  const cap = capOf(body) ?? model.maxOutputTokens;
  const thought = drawReasoning(effortOf(body.reasoning_effort, model), random);
  const reasoningTokens = Math.min(thought, cap);
  const stopped = cutAtStop(answer.content ?? '', body.stop);
  const known = stopped === answer.content ? answer.pieces : undefined;
  const all = known ?? piecesOf({ ...answer, content: stopped }, model);
  const { pieces, cut } = truncate(all, cap - reasoningTokens);
  const calls = answer.toolCalls ?? [];
  // A function that the caller named is not the model's own decision: OpenAI ends such an answer with `stop`.
  const named = typeof body.tool_choice === 'object' && body.tool_choice.type === 'function';
  const whole = calls.length > 0 && !named ? 'tool_calls' : 'stop';
  const pace = drawPace(deployment.latency, inputTokens, asked.pace, deployment.stragglers);
  const tierSlowdown = body.service_tier === 'flex' ? FLEX_SLOWDOWN : 1;
  return {
    pieces,
    toolCalls: calls.map(({ name }, tool) => ({ name, id: callId(tool) })),
    reasoningTokens,
    finish: cut || reasoningTokens < thought ? 'length' : whole,
    pace: ({ slowdown = 1, ...rest } = {}) =>
      pace({ ...rest, reasoningTokens, slowdown: slowdown * tierSlowdown }),
  };
}

/** Flex is slower by nature; by how much is not published. */
const FLEX_SLOWDOWN = 2;

/** What is answered; a text that was composed here comes with its pieces. */
interface PlannedAnswer extends WrittenAnswer {
  pieces?: readonly ChatPiece[];
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
  const compose = (tokens: number) => composeAnswer(random, tokens, model.encoding);
  const written = simulator.answer?.({
    prompt,
    messages: body.messages,
    model: deployment.model,
    random,
    seed: simulator.seed,
    tools: toolsOf(body).map((tool) => tool.name),
    schema: schema as Record<string, unknown> | undefined,
    sentences: (tokens) => compose(tokens).text,
  });
  if (typeof written === 'string') return { content: written };
  if (written) return written;
  const toolCalls = chooseTools(body, prompt, random);
  if (toolCalls && toolCalls.length > 0) return { toolCalls };
  if (schema) return { content: JSON.stringify(sample(schema, random)) };
  const { text, pieces } = compose(drawLength(deployment.answers, random));
  return { content: text, pieces };
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
  const places = [stop ?? []].flat().map((word) => (word === '' ? -1 : text.indexOf(word)));
  const first = Math.min(...places.filter((at) => at >= 0));
  return first === Number.POSITIVE_INFINITY ? text : text.slice(0, first);
}

function truncate(pieces: readonly ChatPiece[], cap: number): { pieces: readonly ChatPiece[]; cut: boolean } {
  let left = cap;
  const kept = pieces.findIndex((piece) => {
    left -= piece.tokens;
    return left < 0;
  });
  return kept === -1 ? { pieces, cut: false } : { pieces: pieces.slice(0, kept), cut: true };
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
