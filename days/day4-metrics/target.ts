import type { Clock } from '#lib/clock';
import { percentile, sum } from '#lib/provider';
import type * as Contract from './contracts/load-test.ts';

/** One request as the target saw it. */
export interface Seen {
  prompt: string;
  startMs: number;
  endMs: number;
  /** Requests that the target had at this moment, with this one. */
  inFlight: number;
  outputTokens: number;
  ok: boolean;
}

export interface TargetOptions {
  /** Requests that are worked on at one time. Default: 200. */
  places?: number;
  /** What a request takes on its place: the same for all, or by its prompt. Default: 10. */
  serviceMs?: number | ((prompt: string) => number);
  /** Default: by the length of the prompt. */
  outputTokens?: (prompt: string) => number;
  /** Nothing is answered between these two moments. */
  stall?: [number, number];
  /** Until then everything takes three times as long. */
  coldMs?: number;
  /** Longest queue; what comes then is refused. */
  queue?: number;
}

/** A deployment with so many places and a queue, which reads a prompt that it has just seen four times as fast. */
export function createTarget(clock: Clock, o: TargetOptions): { call: Contract.Target; log: Seen[] } {
  const { places = 200, serviceMs = 10, stall = [0, 0], coldMs = 0, queue = Number.POSITIVE_INFINITY } = o;
  const { outputTokens: tokensOf = (prompt: string) => 20 + (prompt.length % 60) } = o;
  const startMs = clock.now();
  const log: Seen[] = [];
  const line: (() => void)[] = [];
  let last = '';
  let [working, inFlight] = [0, 0];
  const call = async (prompt: string) => {
    inFlight += 1;
    const outputTokens = tokensOf(prompt);
    const seen: Seen = { prompt, startMs: clock.now(), endMs: 0, inFlight, outputTokens, ok: false };
    log.push(seen);
    const repeated = prompt === last;
    last = prompt;
    try {
      if (line.length >= queue) {
        await clock.sleep(5);
        throw new Error('429 too many requests');
      }
      if (working >= places) await new Promise<void>((resolve) => line.push(resolve));
      else working += 1;
      const elapsedMs = clock.now() - startMs;
      const slow = (elapsedMs < coldMs ? 3 : 1) * (repeated ? 0.25 : 1);
      const waitMs = elapsedMs >= stall[0] && elapsedMs < stall[1] ? stall[1] - elapsedMs : 0;
      const workMs = typeof serviceMs === 'number' ? serviceMs : serviceMs(prompt);
      await clock.sleep(waitMs + Math.round(workMs * slow));
      const next = line.shift();
      if (next) next();
      else working -= 1;
      seen.ok = true;
      return { outputTokens };
    } finally {
      seen.endMs = clock.now();
      inFlight -= 1;
    }
  };
  return { call, log };
}

/** What a report of this run has to say, from the target's own record. */
export function exactReport(
  log: readonly Seen[],
  arrivals: readonly Contract.Arrival[],
  startMs: number,
  warmUpMs: number,
): Contract.LoadReport {
  const byPrompt = new Map(log.map((entry) => [entry.prompt, entry]));
  const measured = arrivals.filter((arrival) => arrival.atMs >= warmUpMs);
  const seen = measured.flatMap(({ prompt, atMs }) => {
    const own = byPrompt.get(prompt);
    return own ? [{ ...own, latencyMs: own.endMs - startMs - atMs }] : [];
  });
  const good = seen.filter((entry) => entry.ok);
  const lastMs = good.reduce((latest, entry) => Math.max(latest, entry.endMs), 0);
  const seconds = (lastMs - startMs - warmUpMs) / 1000;
  const latencies = good.map((entry) => entry.latencyMs);
  return {
    p50Ms: percentile(latencies, 50),
    p95Ms: percentile(latencies, 95),
    p99Ms: percentile(latencies, 99),
    requestsPerSec: good.length / seconds,
    tokensPerSec: sum(good.map((entry) => entry.outputTokens)) / seconds,
    errorShare: 1 - good.length / measured.length,
  };
}
