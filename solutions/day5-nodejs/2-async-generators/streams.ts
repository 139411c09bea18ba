import type { MapOptions } from '#course/day5-nodejs/contracts/streams.ts';

/**
 * Joins the lines of a log to chunks. A blank line (nothing but white space) ends a chunk; several blank lines in a row
 * end it once; the last chunk needs none.
 */
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
  const items = source[Symbol.asyncIterator]();
  const window = new Set<Promise<Step<U>>>();
  try {
    for (let i = 0; i < n; i += 1) start();
    for (;;) {
      const [oldest] = window;
      if (!oldest) return;
      const step = await (ordered ? oldest : Promise.race(window));
      window.delete(step.of());
      if (step.done) continue;
      start();
      yield step.value;
    }
  } finally {
    await items.return?.();
  }

  /** Takes one item and works on it. The promise is in the window from now until its result is read. */
  function start(): void {
    const taken: Promise<Step<U>> = items.next().then(async (item) => {
      const of = () => taken;
      return item.done ? { of, done: true } : { of, done: false, value: await f(item.value) };
    });
    taken.catch(() => {}); // The reader gets the first error; the others must not count as unhandled.
    window.add(taken);
  }
}

type Step<U> = { of(): Promise<Step<U>> } & ({ done: true } | { done: false; value: U });
