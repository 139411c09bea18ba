import type { MapOptions } from '#course/day5-nodejs/contracts/streams.ts';

export async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const iterator = lines[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { chunk, done } = await readChunk(iterator);
      if (chunk) yield chunk;
      if (done) return;
    }
  } finally {
    await iterator.return?.();
  }
}

async function readChunk(iterator: AsyncIterator<string>): Promise<{ chunk: string; done: boolean }> {
  let chunk = '';
  for (;;) {
    const step = await iterator.next();
    if (step.done) return { chunk, done: true };
    const line = step.value.trim();
    if (line) chunk += chunk ? `\n${line}` : line;
    else if (chunk) return { chunk, done: false };
  }
}

/** Reads the source beside the reader, into boxes: `n` places, each free again when its result was read. */
export async function* mapConcurrent<T, U>(
  source: AsyncIterable<T>,
  n: number,
  f: (item: T) => Promise<U>,
  options: MapOptions = {},
): AsyncGenerator<U> {
  const ordered = options.ordered !== false;
  const iterator = source[Symbol.asyncIterator]();
  const boxes: { value?: U; done: boolean }[] = [];
  let places = n;
  let ended = false;
  let left = false;
  let failed: { error: unknown } | undefined;
  let wake = () => {};
  let news = new Promise<void>((resolve) => (wake = resolve));
  const tell = () => {
    wake();
    news = new Promise((resolve) => (wake = resolve));
  };
  const fail = (error: unknown) => {
    failed ??= { error };
    tell();
  };

  async function work(item: T, box: (typeof boxes)[number]): Promise<void> {
    if (ordered) boxes.push(box);
    box.value = await f(item);
    box.done = true;
    if (!ordered) boxes.push(box);
    tell();
  }

  async function pump(): Promise<void> {
    for (;;) {
      while (places === 0 && !left) await news;
      if (left) return;
      const step = await iterator.next();
      if (step.done) break;
      places -= 1;
      work(step.value, { done: false }).catch(fail);
    }
    ended = true;
    tell();
  }

  pump().catch(fail);
  try {
    for (;;) {
      if (boxes[0]?.done) {
        places += 1;
        tell();
        yield boxes.shift()?.value as U;
      } else if (failed) throw failed.error;
      else if (ended && places === n) return;
      else await news;
    }
  } finally {
    left = true;
    tell();
    await iterator.return?.();
  }
}
