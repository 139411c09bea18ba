export interface RequestContext<V> {
  /** Runs `body`; all it calls and awaits finds `value`. */
  run<R>(value: V, body: () => Promise<R>): Promise<R>;
  /** The value of the request that is asking; undefined outside of one. */
  get(): V | undefined;
}
