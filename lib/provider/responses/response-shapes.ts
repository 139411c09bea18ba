import type {
  Response as ModelResponse,
  ResponseFunctionToolCall,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseReasoningItem,
  ResponseUsage,
} from 'openai/resources/responses/responses';
import type { ChatPlan, ChoicePlan } from '../chat/chat-plan.ts';
import { argumentsOf, nowInSeconds, refusalOf, textOfChoice } from '../chat/chat-shapes.ts';
import { logprobsOf } from '../chat/logprobs.ts';
import type { AnsweredTier } from '../chat/tier.ts';
import type { Tokens } from '../money.ts';
import { idOfConversation } from './parse-responses.ts';

/** A response as it goes over the wire; `output_text` is the SDK's own addition. */
export type WireResponse = Omit<ModelResponse, 'output_text'>;

export interface ResponseParts {
  plan: ChatPlan;
  asked: Readonly<Record<string, unknown>>;
  tier: AnsweredTier;
  createdAt: number;
}

export function choiceOf(plan: ChatPlan): ChoicePlan {
  return plan.choices[0] as ChoicePlan;
}

export function idsOf(plan: ChatPlan): { response: string; message: string; reasoning: string } {
  const { id } = plan;
  return { response: `resp_${id}`, message: `msg_${id}`, reasoning: `rs_${id}` };
}

/** A response before there is an answer, for the first events of a stream. */
export function openResponse({ plan, asked, tier, createdAt }: ResponseParts): WireResponse {
  const { text, reasoning } = asked as {
    text?: ModelResponse['text'];
    reasoning?: ModelResponse['reasoning'];
  };
  return {
    id: idsOf(plan).response,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: (asked.instructions as string | undefined) ?? null,
    max_output_tokens: (asked.max_output_tokens as number | undefined) ?? null,
    model: plan.snapshot,
    output: [],
    parallel_tool_calls: asked.parallel_tool_calls !== false,
    previous_response_id: (asked.previous_response_id as string | undefined) ?? null,
    ...(asked.conversation != null && { conversation: { id: idOfConversation(asked.conversation) } }),
    prompt_cache_key: (asked.prompt_cache_key as string | undefined) ?? null,
    reasoning: reasoning ?? { effort: null, summary: null },
    // The types of this SDK are older than the name `fast`.
    service_tier: tier as 'priority',
    temperature: (asked.temperature as number | undefined) ?? 1,
    text: text ?? { format: { type: 'text' } },
    tool_choice: (asked.tool_choice as ModelResponse['tool_choice'] | undefined) ?? 'auto',
    tools: (asked.tools as ModelResponse['tools'] | undefined) ?? [],
    top_p: (asked.top_p as number | undefined) ?? 1,
    truncation: 'disabled',
    metadata: (asked.metadata as ModelResponse['metadata'] | undefined) ?? {},
  };
}

/** A response with its answer and usage. */
export function closedResponse(parts: ResponseParts, tokens: Tokens): WireResponse {
  const { plan } = parts;
  const cut = choiceOf(plan).finish === 'length';
  const filtered = choiceOf(plan).finish === 'content_filter';
  return {
    ...openResponse(parts),
    status: cut || filtered ? 'incomplete' : 'completed',
    incomplete_details: cut
      ? { reason: 'max_output_tokens' }
      : filtered
        ? { reason: 'content_filter' }
        : null,
    completed_at: nowInSeconds(),
    output: outputOf(parts),
    usage: usageOf(tokens),
  };
}

export function outputOf(parts: ResponseParts): ResponseOutputItem[] {
  const { plan } = parts;
  const choice = choiceOf(plan);
  const text = textOfChoice(choice);
  const spoken =
    refusalOf(choice) ?? (choice.finish === 'length' && choice.said.pieces.length === 0 ? null : text);
  return [
    ...(choice.reasoningTokens > 0 ? [reasoningItem(parts)] : []),
    ...(spoken === null ? [] : [messageItem(plan, 'completed')]),
    ...choice.toolCalls.map((_, tool) => callItem(plan, tool, argumentsOf(choice, tool), 'completed')),
  ];
}

export function reasoningItem({ plan, asked }: ResponseParts): ResponseReasoningItem {
  const { reasoning, include } = asked as {
    reasoning?: { summary?: string | null; generate_summary?: string | null } | null;
    include?: readonly string[] | null;
  };
  const wanted = reasoning?.summary ?? reasoning?.generate_summary;
  const { reasoning: id } = idsOf(plan);
  return {
    id,
    type: 'reasoning',
    summary: wanted ? [{ type: 'summary_text', text: SUMMARY }] : [],
    ...(include?.includes('reasoning.encrypted_content') && { encrypted_content: sealed(id) }),
  };
}

/** What was thought is not simulated, so neither is what it was about. */
const SUMMARY =
  '**Looking at the request**\n\nI read what is asked, set aside what does not matter and settle on a plain answer.';

/** Stands for thoughts that only the vendor can read; clients send it back as it is. */
function sealed(id: string): string {
  return Buffer.from(`${id}:`.repeat(8)).toString('base64');
}

export function messageItem(plan: ChatPlan, status: 'in_progress' | 'completed'): ResponseOutputMessage {
  const content = status === 'completed' ? [partOf(plan)] : [];
  return { id: idsOf(plan).message, type: 'message', status, role: 'assistant', content };
}

export function partOf(plan: ChatPlan): ResponseOutputMessage['content'][number] {
  const choice = choiceOf(plan);
  const refusal = refusalOf(choice);
  if (refusal !== null) return { type: 'refusal', refusal };
  return {
    type: 'output_text',
    text: textOfChoice(choice) ?? '',
    annotations: [],
    logprobs: logprobsOf(choice.said.pieces) ?? [],
  };
}

export function callItem(
  plan: ChatPlan,
  tool: number,
  args: string,
  status: 'in_progress' | 'completed',
): ResponseFunctionToolCall & { id: string } {
  const { id, name } = choiceOf(plan).toolCalls[tool] as { id: string; name: string };
  return { id: `fc_${id.slice(5)}`, type: 'function_call', status, arguments: args, call_id: id, name };
}

function usageOf({ input, cached, output, reasoning = 0, cacheWrite = 0 }: Tokens): ResponseUsage {
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: input + output,
  };
}
