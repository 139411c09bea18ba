import type { Lease, Limits, Quota } from '#course/day1-latency/contracts/quota.ts';

interface Entry {
  atMs: number;
  tokens: number;
}

/** Remembers what went out in the last minute and lets the next one through when it and they fit into the quota. */
export function createQuota({ rpm, tpm }: Limits): Quota {
  const sent: Entry[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let changed = createBell();

  return {
    acquire(estimatedTokens, signal) {
      if (estimatedTokens > tpm) return Promise.reject(new RangeError('More tokens than a minute has.'));
      let leave = () => {};
      const gone = new Promise<never>((_, reject) => {
        if (signal?.aborted) reject(signal.reason);
        leave = () => reject(signal?.reason);
        signal?.addEventListener('abort', leave);
      });
      gone.catch(() => {});
      const mine = turn.then(() => untilItFits(estimatedTokens, signal));
      turn = mine.catch(() => {});
      return Promise.race([mine, gone]).finally(() => signal?.removeEventListener('abort', leave));
    },
  };

  async function untilItFits(tokens: number, signal?: AbortSignal): Promise<Lease> {
    for (;;) {
      signal?.throwIfAborted();
      const nowMs = performance.now();
      while (sent[0] && sent[0].atMs <= nowMs - 60_000) sent.shift();
      const inUse = sent.reduce((sum, entry) => sum + entry.tokens, 0);
      if (sent.length < rpm && inUse + tokens <= tpm) break;
      const oldest = sent[0]?.atMs ?? nowMs;
      await pause(oldest + 60_000 - nowMs, signal);
    }
    const entry = { atMs: performance.now(), tokens };
    sent.push(entry);
    return {
      settle(usedTokens) {
        entry.tokens = usedTokens;
        changed.ring();
        changed = createBell();
      },
    };
  }

  /** Until the time is over, or something has changed that makes it worth looking again. */
  async function pause(ms: number, signal?: AbortSignal): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    const left = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      stop = resolve;
      signal?.addEventListener('abort', stop);
    });
    await Promise.race([left, changed.rung]);
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

function createBell() {
  let ring = () => {};
  const rung = new Promise<void>((resolve) => {
    ring = resolve;
  });
  return { rung, ring };
}
