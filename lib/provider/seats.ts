import type { StopSignal } from '../clock/index.ts';
import type { Deployment } from './provider-plan.ts';

/** The places of one deployment in which calls run, and the queue before them. */
export interface Seats {
  /** True if one more call would find neither a place nor room to wait. */
  full(): boolean;
  /** Waits for a place, first come first served; gives how many times longer this call will take. */
  enter(signal?: StopSignal): number | Promise<number>;
  leave(): void;
}

/**
 * Load as engines behave: a call slows down linearly with those that run beside it, and waits when all places are taken
 * (the shape is that of llm-d-inference-sim's latency model). The factor is taken when a call starts.
 */
export function createSeats({ load }: Pick<Deployment, 'load'>): Seats {
  if (!load) return { full: () => false, enter: () => 1, leave: () => {} };
  const { capacity, slowdown, queue } = load;
  const waiting: (() => void)[] = [];
  let running = 0;

  const factor = () => (capacity === 1 ? slowdown : 1 + ((slowdown - 1) * (running - 1)) / (capacity - 1));

  return {
    full: () => running >= capacity && waiting.length >= queue,
    async enter(signal) {
      if (signal?.aborted) throw signal.reason;
      if (running >= capacity) await turnComes(signal);
      else running += 1;
      return factor();
    },
    leave() {
      // The place is handed on without being free in between, so nobody can slip in.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    },
  };

  function turnComes(signal: StopSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        const place = waiting.indexOf(enter);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal?.reason);
      };
      waiting.push(enter);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }
}
