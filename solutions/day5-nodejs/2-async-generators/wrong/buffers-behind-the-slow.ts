export interface MapOptions {
  /** `true` (the default): results in the order of the source. `false`: as they finish. */
  ordered?: boolean;
}

export const rejectedBy = 'has at most 4 items under way and holds one more at most';

export async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk: string[] = [];
  for await (const line of lines) {
    const text = line.trim();
    if (text !== '') {
      chunk.push(text);
    } else if (chunk.length > 0) {
      yield chunk.join('\n');
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk.join('\n');
}

/** Keeps `n` under way, and every result that overtakes a slow one in a buffer without an end. */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  { ordered = true }: MapOptions = {},
): AsyncGenerator<U> {
  const ready = new Map<number, U>();
  const running = new Map<number, Promise<number>>();
  let count = 0;
  let wanted = 0;
  for await (const item of source) {
    const id = count++;
    running.set(id, settle(id, item));
    if (running.size === n) await oneDone();
    yield* readable();
  }
  while (running.size > 0) {
    await oneDone();
    yield* readable();
  }

  function settle(id: number, item: T): Promise<number> {
    const work = f(item).then((value) => {
      ready.set(id, value);
      return id;
    });
    work.catch(() => {});
    return work;
  }

  async function oneDone(): Promise<void> {
    running.delete(await Promise.race(running.values()));
  }

  function* readable(): Generator<U> {
    const ids = ordered ? follow() : [...ready.keys()];
    for (const id of ids) {
      const value = ready.get(id) as U;
      ready.delete(id);
      yield value;
    }
  }

  function* follow(): Generator<number> {
    while (ready.has(wanted)) yield wanted++;
  }
}
