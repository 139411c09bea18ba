import type { Batcher, BatcherOptions } from '#course/day1-latency/contracts/batcher.ts';

/**
 * Turns single requests into calls for many. `loadMany` returns a value or an Error for each key, in their order;
 * it rejects when the provider refuses the whole call.
 */
export function createBatcher<K, V>(
  loadMany: (keys: K[]) => Promise<(V | Error)[]>,
  { maxSize, maxWaitMs }: BatcherOptions<K>,
): Batcher<K, V> {
  const queue: { key: K; resolve(value: V): void }[] = [];
  let timer: NodeJS.Timeout | undefined;

  return {
    load: (key) =>
      new Promise((resolve) => {
        queue.push({ key, resolve });
        if (!timer) timer = setTimeout(flush, maxWaitMs);
      }),
  };

  // TODO: somebody is never answered. Find out who, then see to the rest of the task.
  async function flush(): Promise<void> {
    timer = undefined;
    const batch = queue.splice(0, maxSize);
    const values = await loadMany(batch.map(({ key }) => key));
    for (const [place, { resolve }] of batch.entries()) resolve(values[place] as V);
  }
}

/** What a message is called: two messages with the same name are answered once. */
export function messageKey(text: string): string {
  return text;
}
