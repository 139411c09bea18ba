import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import { argumentsOf, textOfChoice } from '../chat/chat-shapes.ts';
import { answerResource, listPage, notFound } from '../resource.ts';
import type { Simulator } from '../simulator.ts';
import { keepLatest, type StoredItem, type StoredResponse } from '../stores.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import { addItems } from './conversations.ts';
import { itemsOf } from './items.ts';
import { type Earlier, idOfConversation } from './parse-responses.ts';
import { choiceOf, type ResponseParts, type WireResponse } from './response-shapes.ts';

/** What a request can refer to. */
export function earlierOf({ stores }: Simulator): Earlier {
  return {
    messagesOf: (id) => stores.responses.get(id)?.messages,
    itemsOf: (id) => stores.conversations.get(id)?.items,
    item: (id) => stores.items.get(id),
  };
}

/** Keeps a response for those that continue or read it, and adds it to its conversation. */
export function storeResponse(
  simulator: Simulator,
  asked: readonly ChatCompletionMessageParam[],
  parts: ResponseParts,
  wire: WireResponse,
): void {
  const { stores } = simulator;
  const { store, conversation } = parts.asked;
  if (store === false && conversation == null) return;
  const input = itemsOf(simulator, parts.asked.input);
  const output = wire.output as unknown as StoredItem[];
  if (conversation != null) addItems(simulator, idOfConversation(conversation), [...input, ...output]);
  if (store === false) return;
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
