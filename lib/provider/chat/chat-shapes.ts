import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { rememberTexts } from '../memo.ts';
import type { Tokens } from '../money.ts';
import { hash32 } from '../random.ts';
import type { Vendor } from '../vendors.ts';
import type { ChatPlan, ChoicePlan } from './chat-plan.ts';
import { logprobsOf } from './logprobs.ts';
import { type ChatPiece, saidOf } from './pieces.ts';
import type { AnsweredTier } from './tier.ts';

/** The body of an answer that is not streamed, as JSON: written out, as this is done more often than anything else. */
export function completionText(plan: ChatPlan, vendor: Vendor, tokens: Tokens, tier: AnsweredTier): string {
  const { snapshot } = plan;
  let choices = '';
  for (const [index, choice] of plan.choices.entries())
    choices +=
      `${index === 0 ? '' : ','}{"index":${index},"message":${messageText(choice)},"logprobs":${logprobsText(choice)},` +
      `"finish_reason":"${choice.finish}"${membersOf(vendor.choiceExtras)}}`;
  return (
    `{"id":"chatcmpl-${plan.id}","object":"chat.completion","created":${nowInSeconds()},"model":"${snapshot}"` +
    `${membersOf(vendor.promptExtras)},"choices":[${choices}],"usage":${usageText(tokens)},` +
    `"service_tier":"${tier}","system_fingerprint":"${fingerprint(snapshot)}"}`
  );
}

/** The members of an object, to be put after others. */
function membersOf(object: object): string {
  const text = JSON.stringify(object).slice(1, -1);
  return text && `,${text}`;
}

/** The chunks of one streamed answer, as text of server-sent events. */
export function chunkWriter(plan: ChatPlan, vendor: Vendor, includeUsage: boolean) {
  const head = {
    id: `chatcmpl-${plan.id}`,
    object: 'chat.completion.chunk',
    created: nowInSeconds(),
    model: plan.snapshot,
    system_fingerprint: fingerprint(plan.snapshot),
  } as const;
  // With usage asked for, every chunk but the last carries `usage: null`; without, there is no such key.
  const tail = includeUsage ? { usage: null } : {};
  const choice = (
    index: number,
    delta: ChatCompletionChunk.Choice.Delta,
    finish_reason: ChatCompletionChunk.Choice['finish_reason'],
    logprobs: ChatCompletionChunk.Choice.Logprobs | null = null,
  ): string => {
    const choices = [{ index, delta, logprobs, finish_reason, ...vendor.choiceExtras }];
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
    /** With Azure's asynchronous filter its findings come later, in a choice that has no `delta`. */
    filterOffsets: (index: number, end_offset: number): string => {
      const content_filter_offsets = { check_offset: 0, start_offset: 0, end_offset };
      const odd = { index, finish_reason: null, ...vendor.choiceExtras, content_filter_offsets };
      const choices = [odd] as unknown as ChatCompletionChunk.Choice[];
      return event({
        ...head,
        id: '',
        object: '' as 'chat.completion.chunk',
        created: 0,
        model: '',
        choices,
      });
    },
    role: (index: number) => choice(index, { role: 'assistant', content: '', refusal: null }, null),
    piece: (index: number, piece: ChatPiece) =>
      choice(index, deltaOf(plan, index, piece), null, logprobsIn([piece])),
    finish: (index: number) => choice(index, {}, (plan.choices[index] as ChoicePlan).finish),
    usage: (tokens: Tokens) =>
      includeUsage ? event({ ...head, choices: [], usage: JSON.parse(usageText(tokens)) }) : '',
    malformed: () => 'data: {"id":"chatcmpl-broken","choices":[{"delta"\n\n',
    done: () => 'data: [DONE]\n\n',
  };
}

function usageText({ input, cached, output, reasoning = 0, cacheWrite = 0 }: Tokens): string {
  const written = cacheWrite > 0 ? `,"cache_write_tokens":${cacheWrite}` : '';
  return (
    `{"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output},` +
    `"prompt_tokens_details":{"cached_tokens":${cached},"audio_tokens":0${written}},` +
    `"completion_tokens_details":{"reasoning_tokens":${reasoning},"audio_tokens":0,` +
    `"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`
  );
}

function logprobsText({ said }: ChoicePlan): string {
  return JSON.stringify(logprobsIn(said.pieces));
}

/** By what was said: a text or a refusal. */
function logprobsIn(pieces: readonly ChatPiece[]): ChatCompletionChunk.Choice.Logprobs | null {
  const found = logprobsOf(pieces);
  if (!found) return null;
  return pieces[0]?.refusal ? { content: null, refusal: found } : { content: found, refusal: null };
}

/** The text of a choice's answer, or null if it only calls tools or refuses. */
export function textOfChoice({ said, onlyText }: ChoicePlan): string | null {
  if (onlyText) return said.text;
  const text = said.pieces.filter((piece) => piece.tool === undefined && !piece.refusal);
  return text.length > 0 || said.pieces.length === 0 ? saidOf(text).text : null;
}

export function refusalOf({ said, onlyText }: ChoicePlan): string | null {
  const refused = onlyText ? [] : said.pieces.filter((piece) => piece.refusal);
  return refused.length > 0 ? saidOf(refused).text : null;
}

/** The arguments of a tool call, as far as they were written. */
export function argumentsOf({ said }: ChoicePlan, tool: number): string {
  return saidOf(said.pieces.filter((piece) => piece.tool === tool)).text;
}

function messageText(choice: ChoicePlan): string {
  const calls = choice.toolCalls.map(({ id, name }, tool) => ({
    id,
    type: 'function',
    function: { name, arguments: argumentsOf(choice, tool) },
  }));
  return (
    `{"role":"assistant","content":${JSON.stringify(textOfChoice(choice))},` +
    `"refusal":${JSON.stringify(refusalOf(choice))},"annotations":[]` +
    `${calls.length > 0 ? `,"tool_calls":${JSON.stringify(calls)}` : ''}}`
  );
}

function deltaOf(plan: ChatPlan, index: number, piece: ChatPiece): ChatCompletionChunk.Choice.Delta {
  if (piece.refusal) return { refusal: piece.text };
  if (piece.tool === undefined) return { content: piece.text };
  const call = plan.choices[index]?.toolCalls[piece.tool];
  const opens = piece.text === '' && call;
  return {
    tool_calls: [
      opens
        ? { index: piece.tool, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
        : { index: piece.tool, function: { arguments: piece.text } },
    ],
  };
}

function event(chunk: ChatCompletionChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** The vendor's name for the machinery behind a model; here it never changes. */
const fingerprint = rememberTexts((snapshot) => `fp_${hash32(snapshot).toString(16).padStart(8, '0')}00`, {
  mostChars: 10_000,
});

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
