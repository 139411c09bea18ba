import type { Clock } from '../../clock/index.ts';

/** One request of an open-loop run. Latency counts from the intended time, so that nothing is hidden by a late start. */
export interface Sent<V> {
  intendedMs: number;
  startMs: number;
  endMs: number;
  outcome: PromiseSettledResult<V>;
}

/** Sends a request at each time whether or not earlier ones are answered, and waits for all. */
export async function openLoop<V>(
  clock: Clock,
  times: Iterable<number>,
  send: (index: number, intendedMs: number) => Promise<V>,
  onDone: (sent: Sent<V>) => void,
): Promise<void> {
  const fromMs = clock.now();
  let open = 0;
  let allSent = false;
  let finish = () => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let index = 0;
  for (const atMs of times) {
    const waitMs = fromMs + atMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
    open += 1;
    void track(index, fromMs + atMs);
    index += 1;
  }
  allSent = true;
  if (open > 0) await done;

  async function track(which: number, intendedMs: number): Promise<void> {
    const startMs = clock.now();
    const [outcome] = await Promise.allSettled([send(which, intendedMs)]);
    onDone({ intendedMs, startMs, endMs: clock.now(), outcome: outcome as PromiseSettledResult<V> });
    open -= 1;
    if (allSent && open === 0) finish();
  }
}
