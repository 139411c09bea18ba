import { uniqueId } from '../ids.ts';
import type { Simulator } from '../simulator.ts';
import type { StoredItem } from '../stores.ts';

/** What a client sent, each item with an id. A reference is to an item that is there already. */
export function itemsOf({ stores, seed }: Simulator, input: unknown): StoredItem[] {
  const id = () => uniqueId(seed, 'item', stores.nextId());
  if (typeof input === 'string') return [messageOf({ role: 'user', content: input }, id)];
  return (input as Record<string, unknown>[])
    .filter(({ type }) => type !== 'item_reference')
    .map((item) => {
      if ((item.type ?? 'message') === 'message') return messageOf(item, id);
      const prefix = { function_call: 'fc', function_call_output: 'fco', reasoning: 'rs' }[String(item.type)];
      return { id: `${prefix ?? 'item'}_${id()}`, status: 'completed', ...item } as StoredItem;
    });
}

function messageOf(item: Record<string, unknown>, id: () => string): StoredItem {
  const { role, content } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  const parts = typeof content === 'string' ? [{ type, text: content }] : content;
  return { id: `msg_${id()}`, type: 'message', status: 'completed', ...item, content: parts } as StoredItem;
}
