export interface MapOptions {
  /** `true` (the default): results in the order of the source. `false`: as they finish. */
  ordered?: boolean;
}

export const rejectedBy = 'starts the next item as soon as there is room for it';

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

/** Takes `n` items, waits for all of them, takes the next `n`: three places wait for the slowest. */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  { ordered = true }: MapOptions = {},
): AsyncGenerator<U> {
  let batch: Promise<U>[] = [];
  let order: U[] = [];
  for await (const item of source) {
    const work = f(item);
    work.then(
      (value) => order.push(value),
      () => {},
    );
    batch.push(work);
    if (batch.length === n) yield* await whole();
  }
  yield* await whole();

  async function whole(): Promise<U[]> {
    const results = await Promise.all(batch);
    const given = ordered ? results : order;
    batch = [];
    order = [];
    return given;
  }
}
