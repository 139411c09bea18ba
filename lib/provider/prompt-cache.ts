import type { Mark, ScannedPrompt } from './prompt-scan.ts';
import type { PromptCachePlan } from './provider-plan.ts';

/** What the cache does for one request. */
export interface CacheRead {
  /** Input tokens found in the cache. */
  cached: number;
  /** Input tokens written to the cache at the price for writing; 0 where writing is free. */
  written: number;
  /** Makes the prompt available to others, from the moment on when it has been read. */
  commit(readyMs: number): void;
}

export interface PromptCache {
  read(request: CacheRequest, nowMs: number): CacheRead;
}

export interface CacheRequest {
  prompt: ScannedPrompt;
  /** The caller's `prompt_cache_key`. */
  key: string;
  /** Breakpoint regime: the parts (by index) after which the caller set a breakpoint, and whether one is implied. */
  breakpoints: readonly number[];
  implicit: boolean;
}

interface Entry {
  readyMs: number;
  bornMs: number;
  lastMs: number;
}

const MINUTE_MS = 60_000;
const SHORTEST = 1024;
const NOTHING: CacheRead = { cached: 0, written: 0, commit: () => {} };
/** Expired entries are swept out when there are so many more than after the last sweep. */
const SWEEP_AT = 20_000;

/**
 * A vendor's prompt cache on one deployment. A request goes to the machine that its first 256 tokens and its key point
 * to; when those see more than about 15 requests a minute, further ones go to other machines, which start cold
 * (OpenAI cookbook, "Prompt Caching 201").
 */
export function createPromptCache(plan: Required<PromptCachePlan> | undefined): PromptCache {
  if (!plan) return { read: () => NOTHING };
  const machines = new Map<string, Map<number, Entry>>();
  const recent = new Map<string, number[]>();
  let sweptAt = 0;
  let size = 0;

  return {
    read(request, nowMs) {
      const { prompt } = request;
      if (prompt.tokens < SHORTEST) return NOTHING;
      const machine = machineFor(`${prompt.head} ${request.key}`, nowMs);
      const written = plan.regime === 'prefix' ? prompt.steps : breakpointsOf(request);
      const findable = plan.regime === 'prefix' ? prompt.steps : prompt.ends;
      const hit = findable.findLast(
        ({ tokens, hash }) => tokens >= SHORTEST && isLive(machine.get(hash), nowMs),
      );
      if (hit)
        for (const { tokens, hash } of findable) if (tokens <= hit.tokens) touch(machine.get(hash), nowMs);
      const cached = hit?.tokens ?? 0;
      return {
        cached,
        written: plan.regime === 'prefix' ? 0 : Math.max(0, (written.at(-1)?.tokens ?? 0) - cached),
        commit: (readyMs) => {
          for (const { hash } of written) if (!isLive(machine.get(hash), nowMs)) add(machine, hash, readyMs);
        },
      };
    },
  };

  function machineFor(key: string, nowMs: number): Map<number, Entry> {
    const times = (recent.get(key) ?? []).filter((ms) => ms > nowMs - MINUTE_MS);
    const index = Math.floor(times.length / (plan as Required<PromptCachePlan>).spillPerMin);
    times.push(nowMs);
    recent.set(key, times);
    const name = `${key} ${index}`;
    const machine = machines.get(name) ?? new Map<number, Entry>();
    machines.set(name, machine);
    return machine;
  }

  function isLive(entry: Entry | undefined, nowMs: number): boolean {
    const { idleMs, maxAgeMs } = plan as Required<PromptCachePlan>;
    if (!entry || entry.readyMs > nowMs) return false;
    return nowMs - entry.lastMs <= idleMs && nowMs - entry.bornMs <= maxAgeMs;
  }

  function add(machine: Map<number, Entry>, hash: number, readyMs: number): void {
    const known = machine.get(hash);
    // Of two requests that fill the same entry, the one that is ready first counts.
    if (known && known.readyMs <= readyMs && readyMs - known.lastMs < MINUTE_MS) return;
    if (!known) size += 1;
    machine.set(hash, { readyMs, bornMs: readyMs, lastMs: readyMs });
    if (size - sweptAt > SWEEP_AT) sweep(readyMs);
  }

  function sweep(nowMs: number): void {
    const { idleMs, maxAgeMs } = plan as Required<PromptCachePlan>;
    size = 0;
    for (const [name, machine] of machines) {
      for (const [hash, { lastMs, bornMs }] of machine)
        if (nowMs - lastMs > idleMs || nowMs - bornMs > maxAgeMs) machine.delete(hash);
      if (machine.size === 0) machines.delete(name);
      size += machine.size;
    }
    for (const [key, times] of recent) if ((times.at(-1) ?? 0) < nowMs - MINUTE_MS) recent.delete(key);
    sweptAt = size;
  }
}

function touch(entry: Entry | undefined, nowMs: number): void {
  if (entry) entry.lastMs = Math.max(entry.lastMs, nowMs);
}

/** GPT-5.6 and later write at most four breakpoints: the latest explicit ones, and one implied at the end. */
function breakpointsOf({ prompt, breakpoints, implicit }: CacheRequest): Mark[] {
  const explicit = breakpoints.slice(implicit ? -3 : -4).flatMap((index) => prompt.ends[index] ?? []);
  const marks = implicit ? [...explicit, prompt.ends.at(-1) as Mark] : explicit;
  return marks.filter(({ tokens }) => tokens >= SHORTEST);
}
