import type { MapOptions } from '#course/day5-nodejs/contracts/streams.ts';

/**
 * Joins the lines of a log to chunks. A blank line (nothing but white space) ends a chunk; several blank lines in a row
 * end it once; the last chunk needs none.
 */
export async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  // TODO: this holds the whole log before it gives the first chunk.
  const log: string[] = [];
  for await (const line of lines) log.push(line.trim());
  for (const chunk of log.join('\n').split(/\n{2,}/)) if (chunk.trim()) yield chunk.trim();
}

/**
 * Applies `f` to every item, at most `n` at a time, and gives the results. Holds at most `n + 1` items: those under way
 * and the one being read. A reader that leaves early closes the source; an error reaches the reader once.
 */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  { ordered = true }: MapOptions = {},
): AsyncGenerator<U> {
  // TODO: one item at a time, and always in order.
  void n;
  void ordered;
  for await (const item of source) yield await f(item);
}
