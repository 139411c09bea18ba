import type { Batcher, BatcherOptions } from '#course/day1-latency/contracts/batcher.ts';

interface Call<K, V> {
  keys: K[];
  names: string[];
  go(): void;
  answers: Promise<(() => V)[]>;
}

/** A call is a promise of functions, one for each place: who loads takes a place in the current call, and calls its function. */
export function createBatcher<K, V>(
  loadMany: (keys: K[]) => Promise<(V | Error)[]>,
  { maxSize, maxWaitMs, keyOf }: BatcherOptions<K>,
): Batcher<K, V> {
  let current: Call<K, V> | undefined;
  let gaps: number[] = [];
  let last: number | undefined;

  async function load(key: K): Promise<V> {
    const now = performance.now();
    if (last !== undefined) gaps = [now - last, ...gaps].slice(0, 5);
    last = now;
    current ??= open();
    const call = current;
    const name = keyOf(key);
    let place = call.names.indexOf(name);
    if (place < 0) {
      place = call.keys.push(key) - 1;
      call.names.push(name);
    }
    const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1];
    if (call.keys.length === maxSize || median === undefined || median > maxWaitMs) call.go();
    const thunk = (await call.answers)[place] as () => V;
    return thunk();
  }

  function open(): Call<K, V> {
    let go = () => {};
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const timer = setTimeout(() => call.go(), maxWaitMs);
    const call: Call<K, V> = {
      keys: [],
      names: [],
      go() {
        clearTimeout(timer);
        if (current === call) current = undefined;
        go();
      },
      answers: gone.then(() => thunks(call.keys)),
    };
    return call;
  }

  async function thunks(keys: K[]): Promise<(() => V)[]> {
    try {
      const values = await loadMany(keys);
      return values.map((value) => () => {
        if (value instanceof Error) throw value;
        return value;
      });
    } catch (error) {
      if (keys.length < 2)
        return [
          () => {
            throw error;
          },
        ];
      const left = await thunks(keys.slice(0, Math.floor(keys.length / 2)));
      return [...left, ...(await thunks(keys.slice(Math.floor(keys.length / 2))))];
    }
  }

  return { load };
}

/** What a message is called: two messages with the same name are answered once. */
export function messageKey(text: string): string {
  return text
    .toLowerCase()
    .trim()
    .replace(/[.!?\s]+$/, '')
    .replace(/\s+/g, ' ');
}
