import type { Conversation } from 'openai/resources/conversations';
import * as z from 'zod';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import { parseObject, unparsed } from '../chat/parse-chat.ts';
import type { Refusal } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import { answerResource, type FoundResource, listPage, notFound } from '../resource.ts';
import { metadata } from '../schema/common.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import type { Simulator } from '../simulator.ts';
import { atOnce } from '../steps.ts';
import { keepLatest, type StoredConversation, type StoredItem } from '../stores.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import { itemsOf } from './items.ts';
import { inputItem } from './responses-schema.ts';

/** At most so many items come at a time. */
const items = z.array(inputItem).max(20);
const created = z.object({ items: items.nullish(), metadata: metadata.nullish() });
const updated = z.object({ metadata: metadata.nullable() });
const added = z.object({ items: items.min(1) });

/** POST /conversations. */
export function createConversation(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const { simulator, request } = visit;
    const asked = read(request.text === '' ? '{}' : request.text, created);
    if ('refusal' in asked) return asked;
    const object: Conversation = {
      id: `conv_${uniqueId(simulator.seed, 'conversation', simulator.stores.nextId())}`,
      object: 'conversation',
      created_at: nowInSeconds(),
      metadata: asked.metadata ?? {},
    };
    const gone = keepLatest(simulator.stores.conversations, object.id, { object, items: [] });
    if (gone) forget(simulator, gone);
    addItems(simulator, object.id, itemsOf(simulator, asked.items ?? []));
    return object;
  });
}

/** GET, POST (new metadata) and DELETE of a conversation. Deleted, its items are gone too. */
export function answerConversation(visit: Visit): Promise<WireAnswer> {
  return withConversation(visit, ({ object, ...rest }) => {
    const { simulator, request } = visit;
    if (request.method === 'DELETE') {
      simulator.stores.conversations.delete(object.id);
      forget(simulator, rest);
      return { id: object.id, object: 'conversation.deleted', deleted: true };
    }
    if (request.method !== 'POST') return object;
    const asked = read(request.text, updated);
    if ('refusal' in asked) return asked;
    object.metadata = asked.metadata ?? {};
    return object;
  });
}

/** GET and POST of a conversation's items. */
export function answerConversationItems(visit: Visit): Promise<WireAnswer> {
  return withConversation(visit, ({ object, items: all }) => {
    const { simulator, request } = visit;
    if (request.method !== 'POST') return listPage(all, visit);
    const asked = read(request.text, added);
    if ('refusal' in asked) return asked;
    const more = itemsOf(simulator, asked.items);
    addItems(simulator, object.id, more);
    return listPage(more, { query: '' }, { order: 'asc' });
  });
}

/** GET and DELETE of one item; deleting gives the conversation. */
export function answerConversationItem(visit: Visit): Promise<WireAnswer> {
  return withConversation(visit, ({ object, items: all }) => {
    const id = visit.params.item ?? '';
    const at = all.findIndex((item) => item.id === id);
    if (at < 0) return notFound(`Item with id '${id}' not found in conversation '${object.id}'.`);
    if (visit.request.method !== 'DELETE') return all[at] as StoredItem;
    all.splice(at, 1);
    visit.simulator.stores.items.delete(id);
    return object;
  });
}

/** Adds what was said to a conversation; one that was deleted meanwhile stays so. */
export function addItems({ stores }: Simulator, id: string, more: readonly StoredItem[]): void {
  const conversation = stores.conversations.get(id);
  if (!conversation) return;
  for (const item of more) {
    conversation.items.push(item);
    stores.items.set(item.id, item);
  }
}

function forget({ stores }: Simulator, { items: all }: Pick<StoredConversation, 'items'>): void {
  for (const { id } of all) stores.items.delete(id);
}

function withConversation(
  visit: Visit,
  answer: (conversation: StoredConversation) => FoundResource,
): Promise<WireAnswer> {
  const id = visit.params.id ?? '';
  return answerResource(visit, () => {
    const conversation = visit.simulator.stores.conversations.get(id);
    return conversation ? answer(conversation) : notFound(`Conversation with id '${id}' not found.`);
  });
}

function read<S extends z.ZodObject>(text: string, schema: S): z.infer<S> | { refusal: Refusal } {
  const body = parseObject(text);
  if (!body) return { refusal: unparsed() };
  const refusal = atOnce(findShapeProblem(body, schema, { unknown: unknownParameter, notSimulated: [] }));
  return refusal ? { refusal } : (body as z.infer<S>);
}
