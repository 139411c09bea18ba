import type * as Subject from '#days/day5-nodejs/4-connections/pool.ts';
import type { Clock } from '#lib/clock';

export const MAX = 5;
const HANDSHAKE_MS = 120;
export const REQUEST_MS = 80;
export const IDLE_MS = 4000;
/** The server closes what was idle for so long; a request that meets it there is lost. */
export const KEEP_ALIVE_MS = 4500;

/** A connection in memory. Answers come in the order of the requests; what nobody read is still in the pipe. */
class Wire {
  readonly id: number;
  open = true;
  readonly #clock: Clock;
  readonly #pipe: { text: string; dueMs: number }[] = [];
  #lastUsedMs: number;

  constructor(id: number, clock: Clock) {
    this.id = id;
    this.#clock = clock;
    this.#lastUsedMs = clock.now();
  }

  /** Sends a request and reads the next answer in the pipe. An abort stops the reading, not the answer. */
  async request(text: string, signal?: AbortSignal): Promise<string> {
    if (!this.open || this.#clock.now() - this.#lastUsedMs >= KEEP_ALIVE_MS)
      throw new Error('socket hang up');
    this.#pipe.push({ text: `answer to ${text}`, dueMs: this.#clock.now() + REQUEST_MS });
    const next = this.#pipe[0];
    await this.#clock.sleep(Math.max(0, (next?.dueMs ?? 0) - this.#clock.now()), signal);
    this.#pipe.shift();
    this.#lastUsedMs = this.#clock.now();
    return next?.text ?? '';
  }
}

/** A server in memory: opens connections after a handshake and counts them. */
function createServerInMemory(clock: Clock) {
  const state = { handshakes: 0, now: 0, peak: 0, closed: 0, failNext: false };
  const connect = async () => {
    state.now += 1;
    state.peak = Math.max(state.peak, state.now);
    await clock.sleep(HANDSHAKE_MS);
    if (state.failNext) {
      state.failNext = false;
      state.now -= 1;
      throw new Error('ECONNREFUSED');
    }
    state.handshakes += 1;
    return new Wire(state.handshakes, clock);
  };
  const close = (wire: Wire) => {
    state.closed += 1;
    if (!wire.open) return;
    wire.open = false;
    state.now -= 1;
  };
  return { state, connect, close, healthy: (wire: Wire) => wire.open };
}

export function start({ createPool }: typeof Subject, clock: Clock, max = MAX) {
  const server = createServerInMemory(clock);
  const { connect, close, healthy } = server;
  return { server: server.state, pool: createPool({ max, idleMs: IDLE_MS, connect, close, healthy }) };
}

/** What the promise gives, or "stuck" if nothing comes of it within a minute. */
export function inAMinute<T>(clock: Clock, promise: Promise<T>): Promise<T | 'stuck'> {
  return Promise.race([promise, clock.sleep(60_000).then(() => 'stuck' as const)]);
}
