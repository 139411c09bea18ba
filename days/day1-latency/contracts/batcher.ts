export interface BatcherOptions<K> {
  /** Most keys in one call. */
  maxSize: number;
  /** Longest time that a request may wait for others to join its call. */
  maxWaitMs: number;
  /** Requests whose keys have the same name share one place in a call, and its answer. */
  keyOf(key: K): string;
}

export interface Batcher<K, V> {
  /** Asks for one value. It travels in a call together with others. */
  load(key: K): Promise<V>;
}
