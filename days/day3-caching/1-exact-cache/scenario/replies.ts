import type OpenAI from 'openai';
import type { Clock } from '#lib/clock';
import type * as Contract from '../../contracts/exact-cache.ts';
import { isStream } from './meaning.ts';

type Chunk = OpenAI.ChatCompletionChunk;
type Delta = OpenAI.ChatCompletionChunk.Choice.Delta;
type Finish = OpenAI.ChatCompletion.Choice['finish_reason'];

/** One choice of an answer: its words, or the call of a tool. */
export interface Said {
  words?: string;
  /** Name and arguments of the tool that it calls. */
  tool?: [string, string];
  /** Missing: the answer breaks off without one. */
  finish?: Finish;
}

/** What a reader got. */
export interface Got {
  isStream: boolean;
  said: Said[];
  firstMs: number;
  lastMs: number;
  error?: string;
}

/** Between two chunks of a stream. */
export const CHUNK_MS = 100;

/** Where answers are kept: as texts, as a Redis would. */
export function newStore(): Contract.Store {
  const stored = new Map<string, string>();
  return {
    get: async (key) => (stored.has(key) ? JSON.parse(stored.get(key) as string) : undefined),
    set: async (key, answer) => void stored.set(key, JSON.stringify(answer)),
  };
}

export function wholeAnswer(model: string, said: Said[]): OpenAI.ChatCompletion {
  const choices = said.map(({ words = null, tool, finish = 'stop' }, index) => ({
    index,
    finish_reason: finish,
    logprobs: null,
    message: { role: 'assistant' as const, content: words, refusal: null, ...called(tool) },
  }));
  return { id: 'made', created: 0, object: 'chat.completion', model, choices };
}

function called(tool: Said['tool']) {
  if (!tool) return {};
  const [name, args] = tool;
  return { tool_calls: [{ id: 'call_1', type: 'function' as const, function: { name, arguments: args } }] };
}

/** The same as a stream, a chunk at a time; `breaks`: the connection does, half way. */
export async function* streamed(
  clock: Pick<Clock, 'sleep'>,
  model: string,
  said: Said[],
  breaks = false,
): AsyncGenerator<Chunk> {
  const choices = said.flatMap(chunksOf);
  for (const [at, choice] of choices.entries()) {
    await clock.sleep(CHUNK_MS);
    if (breaks && at === choices.length >> 1) throw new Error('the connection broke');
    yield { id: 'made', created: 0, object: 'chat.completion.chunk', model, choices: [choice] };
  }
}

function chunksOf({ words, tool, finish }: Said, index: number): Chunk['choices'] {
  const choice = (delta: Delta, finish_reason: Finish | null = null) => ({
    index,
    delta,
    finish_reason,
    logprobs: null,
  });
  const [name, args = ''] = tool ?? [];
  const part = (fields: Partial<OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall>) =>
    choice({ tool_calls: [{ index: 0, ...fields }] });
  return [
    choice({ role: 'assistant', content: tool ? null : '' }),
    ...(words?.split(/(?<= )/) ?? []).map((content) => choice({ content })),
    ...(name
      ? [
          part({ id: 'call_1', type: 'function', function: { name, arguments: args.slice(0, 4) } }),
          part({ function: { arguments: args.slice(4) } }),
        ]
      : []),
    ...(finish ? [choice({}, finish)] : []),
  ];
}

/** Reads a reply to its end, or only the first chunk with words. */
export async function readReply(
  clock: Pick<Clock, 'now'>,
  ask: () => Promise<Contract.Reply>,
  leaves = false,
): Promise<Got> {
  const startMs = clock.now();
  const got: Got = { isStream: false, said: [], firstMs: 0, lastMs: 0 };
  try {
    const reply = await ask();
    got.isStream = isStream(reply);
    if (!isStream(reply)) got.said = reply.choices.map(saidBy);
    else
      for await (const { choices } of reply) {
        got.firstMs ||= clock.now() - startMs;
        for (const choice of choices) add(got.said, choice);
        if (leaves && got.said[0]?.words) break;
      }
  } catch (error) {
    got.error = String(error);
  }
  return { ...got, lastMs: clock.now() - startMs };
}

function saidBy({ message, finish_reason }: OpenAI.ChatCompletion.Choice): Said {
  const [call] = message.tool_calls ?? [];
  const tool =
    call?.type === 'function' ? ([call.function.name, call.function.arguments] as const) : undefined;
  return {
    ...(message.content && { words: message.content }),
    ...(tool && { tool: [...tool] }),
    finish: finish_reason,
  };
}

function add(said: Said[], { index, delta, finish_reason }: OpenAI.ChatCompletionChunk.Choice): void {
  const choice = said[index] ?? {};
  said[index] = choice;
  if (delta.content) choice.words = (choice.words ?? '') + delta.content;
  for (const { function: part } of delta.tool_calls ?? []) {
    const [name, args] = choice.tool ?? ['', ''];
    choice.tool = [name + (part?.name ?? ''), args + (part?.arguments ?? '')];
  }
  if (finish_reason) choice.finish = finish_reason;
}
