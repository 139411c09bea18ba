import type { Batch } from 'openai/resources/batches';
import type { ChatCompletion, ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { Conversation } from 'openai/resources/conversations';
import type { FileObject } from 'openai/resources/files';

/** What the provider keeps between requests, beside the ledger. */
export interface Stores {
  files: Map<string, { object: FileObject; bytes: Uint8Array }>;
  batches: Map<string, StoredBatch>;
  responses: Map<string, StoredResponse>;
  conversations: Map<string, StoredConversation>;
  /** The items of stored responses and of conversations, by id. */
  items: Map<string, StoredItem>;
  /** Chat completions that were asked to be stored. */
  chats: Map<string, StoredChat>;
  /** Units used so far, by service. */
  units: Map<string, number>;
  /** A number that no other call of this got; for ids. */
  nextId(): number;
}

/** A response as it was answered, what it was asked, and the messages that a later one continues. */
export interface StoredResponse {
  wire: object;
  input: readonly StoredItem[];
  messages: readonly ChatCompletionMessageParam[];
}

export interface StoredConversation {
  object: Conversation;
  /** In the order in which they came. */
  items: StoredItem[];
}

export type StoredItem = Record<string, unknown> & { id: string };

export interface StoredChat {
  wire: ChatCompletion & { metadata: Record<string, string> };
  messages: readonly ChatCompletionMessageParam[];
}

export interface StoredBatch {
  object: Batch;
  cancelled: boolean;
}

export function createStores(): Stores {
  let id = 0;
  return {
    files: new Map(),
    batches: new Map(),
    responses: new Map(),
    conversations: new Map(),
    items: new Map(),
    chats: new Map(),
    units: new Map(),
    nextId: () => {
      id += 1;
      return id;
    },
  };
}

/** Of answers that clients asked to keep, the latest are kept: a run of a million needs no more memory than one. */
const MOST_KEPT = 10_000;

/** Sets an entry and gives back the oldest one if there are now too many, which is gone. */
export function keepLatest<T>(map: Map<string, T>, key: string, value: T): T | undefined {
  map.set(key, value);
  if (map.size <= MOST_KEPT) return undefined;
  const [[oldest, gone]] = map.entries() as unknown as [[string, T]];
  map.delete(oldest);
  return gone;
}
