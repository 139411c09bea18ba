import type { Batch } from 'openai/resources/batches';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type { FileObject } from 'openai/resources/files';

/** What the provider keeps between requests, beside the ledger. */
export interface Stores {
  files: Map<string, { object: FileObject; bytes: Uint8Array<ArrayBuffer> }>;
  batches: Map<string, StoredBatch>;
  /** Stored responses: as they were answered, and as the messages that a later one continues. */
  responses: Map<string, { wire: object; messages: readonly ChatCompletionMessageParam[] }>;
  /** Units used so far, by service. */
  units: Map<string, number>;
  /** A number that no other call of this got; for ids. */
  nextId(): number;
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
    units: new Map(),
    nextId: () => {
      id += 1;
      return id;
    },
  };
}
