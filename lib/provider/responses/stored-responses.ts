import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { argumentsOf, textOfChoice } from '../chat/chat-shapes.ts';
import { uniqueId } from '../ids.ts';
import { answerResource, listPage, notFound } from '../resource.ts';
import type { Simulator } from '../simulator.ts';
import { keepLatest, type StoredItem, type StoredResponse } from '../stores.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import type { Earlier } from './parse-responses.ts';
import { choiceOf, type ResponseParts, type WireResponse } from './response-shapes.ts';

/** What a request can refer to. */
export function earlierOf({ stores }: Simulator): Earlier {
  return {
    messagesOf: (id) => stores.responses.get(id)?.messages,
    item: (id) => stores.items.get(id),
  };
}

/** Keeps a response for those that continue or read it. */
export function storeResponse(
  { stores, seed }: Simulator,
  asked: readonly ChatCompletionMessageParam[],
  parts: ResponseParts,
  wire: WireResponse,
): void {
  if (parts.asked.store === false) return;
  const input = inputItems(parts.asked.input, () => uniqueId(seed, 'item', stores.nextId()));
  const output = wire.output as unknown as StoredItem[];
  const gone = keepLatest(stores.responses, wire.id, { wire, input, messages: [...asked, replyOf(parts)] });
  if (gone) forget({ stores }, gone);
  for (const item of [...input, ...output]) stores.items.set(item.id, item);
}

function replyOf({ plan }: ResponseParts): ChatCompletionMessageParam {
  const said = choiceOf(plan);
  const tool_calls = said.toolCalls.map(({ id, name }, tool) => ({
    id,
    type: 'function' as const,
    function: { name, arguments: argumentsOf(said, tool) },
  }));
  return { role: 'assistant', content: textOfChoice(said), ...(tool_calls.length > 0 && { tool_calls }) };
}

/** What was sent, each item with an id. */
function inputItems(input: unknown, id: () => string): StoredItem[] {
  if (typeof input === 'string') return [messageOf({ role: 'user', content: input }, id)];
  return (input as Record<string, unknown>[])
    .filter(({ type }) => type !== 'item_reference')
    .map((item) => {
      if ((item.type ?? 'message') === 'message') return messageOf(item, id);
      const prefix = { function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' }[String(item.type)];
      return { id: `${prefix}_${id()}`, ...item } as StoredItem;
    });
}

function messageOf(item: Record<string, unknown>, id: () => string): StoredItem {
  const { role, content } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = typeof content === 'string' ? [{ type, text: content }] : content;
  return { id: `msg_${id()}`, type: 'message', status: 'completed', ...item, content: parts } as StoredItem;
}

/** GET and DELETE of a stored response, and the list of its input. */
export function answerStoredResponse(visit: Visit): Promise<WireAnswer> {
  const { responses } = visit.simulator.stores;
  const id = visit.params.id ?? '';
  return answerResource(visit, () => {
    const stored = responses.get(id);
    if (!stored) return notFound(`Response with id '${id}' not found.`);
    if (visit.path.endsWith('/input_items')) return listPage(stored.input, visit);
    if (visit.request.method !== 'DELETE') return stored.wire;
    responses.delete(id);
    forget(visit.simulator, stored);
    return { id, object: 'response', deleted: true };
  });
}

function forget({ stores }: Pick<Simulator, 'stores'>, { input, wire }: StoredResponse): void {
  for (const { id } of [...input, ...(wire as WireResponse).output]) if (id) stores.items.delete(id);
}
