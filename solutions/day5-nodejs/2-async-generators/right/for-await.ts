import type { MapOptions } from '#course/day5-nodejs/contracts/streams.ts';

/** A line at a time by hand, with the source closed in `finally`. */
export async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]();
  let chunk = '';
  try {
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
      const text = step.value.trim();
      if (text) chunk += chunk ? `\n${text}` : text;
      else if (chunk) {
        yield chunk;
        chunk = '';
      }
    }
    if (chunk) yield chunk;
  } finally {
    await iterator.return?.();
  }
}

/** `for await` takes the items and closes the source; a full set of running items gives one result before the next is taken. */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  { ordered = true }: MapOptions = {},
): AsyncGenerator<U> {
  const running = new Map<number, Promise<[number, U]>>();
  let count = 0;
  for await (const item of source) {
    const id = count++;
    const work = f(item).then((value): [number, U] => [id, value]);
    work.catch(() => {});
    running.set(id, work);
    if (running.size === n) yield await next();
  }
  while (running.size > 0) yield await next();

  async function next(): Promise<U> {
    const [oldest] = running.values();
    const [id, value] = await (ordered && oldest ? oldest : Promise.race(running.values()));
    running.delete(id);
    return value;
  }
}
