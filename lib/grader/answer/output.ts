/** Characters of one check's output that are kept. What comes after is dropped where it is written, at no cost. */
const KEPT_PER_CHECK = 4000;

type Write = typeof process.stdout.write;

export interface CapturedOutput {
  /** What is written from now on belongs to another check. */
  begin(): void;
}

/** Sends all that the code under check prints to `post`, cut to a readable length. */
export function captureOutput(post: (text: string, cut: boolean) => void): CapturedOutput {
  let left = KEPT_PER_CHECK;
  const write = ((chunk: unknown, second?: unknown, third?: unknown) => {
    const done = typeof second === 'function' ? second : third;
    if (left > 0) {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
      post(text.slice(0, left), text.length > left);
      left -= text.length;
      if (left === 0) left = 1;
    }
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  }) as Write;
  process.stdout.write = write;
  process.stderr.write = write;
  return {
    begin() {
      left = KEPT_PER_CHECK;
    },
  };
}
