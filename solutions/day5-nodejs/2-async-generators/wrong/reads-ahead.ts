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

/** Starts every item the source has; `n` only says how many results are read at a time. */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  { ordered = true }: MapOptions = {},
): AsyncGenerator<U> {
  const started: Promise<U>[] = [];
  const finished: U[] = [];
  const limit = Math.max(n, 1);
  for await (const item of source) {
    const work = f(item);
    work.then(
      (value) => finished.push(value),
      () => {},
    );
    started.push(work);
  }
  if (ordered) {
    for (const work of started) yield await work;
    return;
  }
  for (let read = 0; read < started.length; read += limit) {
    await Promise.all(started.slice(0, read + limit));
    yield* finished.slice(read, read + limit);
  }
}
