import type { ChatCompletion } from 'openai/resources/chat/completions';
import { openAiErrors } from '../errors.ts';
import { answerResource, listPage, notFound } from '../resource.ts';
import type { Simulator } from '../simulator.ts';
import { keepLatest } from '../stores.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import type { ChatBody } from './chat-body.ts';
import { isObject, parseObject } from './parse-chat.ts';

/** Keeps a completion that was asked to be stored. A stream is kept too, as the completion that it was. */
export function storeChat({ stores }: Simulator, body: ChatBody, wire: ChatCompletion): void {
  const metadata = (body.metadata ?? {}) as Record<string, string>;
  keepLatest(stores.chats, wire.id, { wire: { ...wire, metadata }, messages: body.messages });
}

/** GET /chat/completions: those that were stored, by model and metadata. */
export function listChats(visit: Visit): Promise<WireAnswer> {
  const model = new URLSearchParams(visit.query).get('model');
  const all = [...visit.simulator.stores.chats.values()].map(({ wire }) => wire);
  return answerResource(visit, () =>
    listPage(
      all.filter((each) => model === null || each.model === model),
      visit,
    ),
  );
}

/** GET, POST (new metadata) and DELETE of a stored completion, and the list of its messages. */
export function answerStoredChat(visit: Visit): Promise<WireAnswer> {
  const { chats } = visit.simulator.stores;
  const id = visit.params.id ?? '';
  return answerResource(visit, () => {
    const stored = chats.get(id);
    if (!stored) return notFound(`Chat completion with id '${id}' not found.`, 'id');
    if (visit.path.endsWith('/messages')) {
      const messages = stored.messages.map((message, i) => ({ id: `${id}-${i}`, ...message }));
      return listPage(messages, visit, { order: 'asc' });
    }
    if (visit.request.method === 'DELETE') {
      chats.delete(id);
      return { object: 'chat.completion.deleted', id, deleted: true };
    }
    if (visit.request.method !== 'POST') return stored.wire;
    const metadata = parseObject(visit.request.text)?.metadata;
    if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string'))
      return {
        refusal: openAiErrors.badRequest(
          "Invalid type for 'metadata': expected an object of strings.",
          'metadata',
          'invalid_type',
        ),
      };
    stored.wire = { ...stored.wire, metadata: metadata as Record<string, string> };
    return stored.wire;
  });
}
