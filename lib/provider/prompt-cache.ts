import type { Lifetime, Mark, ScannedPrompt } from './prompt-scan.ts';
import type { PromptCachePlan } from './provider-plan.ts';

/** What the cache does for one request. */
export interface CacheRead {
  /** Input tokens found in the cache. */
  cached: number;
  /** Input tokens written to the cache at the price for writing; 0 where writing is free. */
  written: number;
  /** Those of them that are to be kept for twelve hours. */
  written12h: number;
  /** Makes the prompt available to others, from the moment on when it has been read. */
  commit(readyMs: number): void;
}

export interface PromptCache {
  read(request: CacheRequest, nowMs: number): CacheRead;
}

export interface CacheRequest {
  prompt: ScannedPrompt;
  /** The caller's `prompt_cache_key`, or nothing. */
  key: string;
  /** With breakpoints: whether one is implied besides those that the caller set. */
  implicit: boolean;
  /** How long what is written is kept, where a breakpoint says nothing else. Default: as long as the plan says. */
  lifetime?: CacheLifetime;
}

/** As `prompt_cache_options.ttl`, or `prompt_cache_retention` of older families, names it. */
export type CacheLifetime = Lifetime | '24h';

interface Entry {
  readyMs: number;
  bornMs: number;
  lastMs: number;
  /** When it is not used for so long, it is forgotten. */
  idleMs: number;
}

const MINUTE_MS = 60_000;
/** Longer than the plan says. */
const LONG_MS: Record<string, number> = { '12h': 12 * 60 * MINUTE_MS, '24h': 24 * 60 * MINUTE_MS };
const SHORTEST = 1024;
const LOOKED_FOR = 80;
export const NOT_CACHED: CacheRead = { cached: 0, written: 0, written12h: 0, commit: () => {} };
/** Expired entries are swept out when there are so many more than after the last sweep. */
const SWEEP_AT = 20_000;

/**
 * A vendor's prompt cache on one deployment. A request goes to the machine that its first 256 tokens and its key point
 * to; when those see more than about 15 requests a minute, further ones go to other machines, which start cold
 * (OpenAI cookbook, "Prompt Caching 201").
 */
export function createPromptCache(plan: Required<PromptCachePlan> | undefined): PromptCache {
  if (!plan) return { read: () => NOT_CACHED };
  const machines = new Map<string, Map<number, Entry>>();
  const recent = new Map<string, number[]>();
  let sweptAt = 0;
  let size = 0;

  return {
    read(request, nowMs) {
      const { prompt } = request;
      if (prompt.tokens < SHORTEST) return NOT_CACHED;
      const machine = machineFor(`${prompt.head} ${request.key}`, nowMs);
      const { kept, findable, writtenUpTo, writtenUpTo12h } = PLACES[plan.regime](request, plan);
      const hit = findable.findLast(
        ({ tokens, hash }) => tokens >= SHORTEST && isLive(machine.get(hash), nowMs),
      );
      if (hit)
        for (const { tokens, hash } of findable) if (tokens <= hit.tokens) touch(machine.get(hash), nowMs);
      const cached = hit?.tokens ?? 0;
      return {
        cached,
        written: Math.max(0, writtenUpTo - cached),
        written12h: Math.max(0, writtenUpTo12h - cached),
        commit: (readyMs) => {
          for (const { hash, lifetime = '30m' } of kept)
            if (!isLive(machine.get(hash), nowMs))
              add(machine, hash, readyMs, LONG_MS[lifetime] ?? plan.idleMs);
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
    return entry !== undefined && entry.readyMs <= nowMs && !isOver(entry, nowMs);
  }

  function isOver({ idleMs, lastMs, bornMs }: Entry, nowMs: number): boolean {
    const { maxAgeMs } = plan as Required<PromptCachePlan>;
    return nowMs - lastMs > idleMs || nowMs - bornMs > Math.max(idleMs, maxAgeMs);
  }

  function add(machine: Map<number, Entry>, hash: number, readyMs: number, idleMs: number): void {
    const known = machine.get(hash);
    // Of two requests that fill the same entry, the one that is ready first counts.
    if (known && known.readyMs <= readyMs && readyMs - known.lastMs < MINUTE_MS) return;
    if (!known) size += 1;
    machine.set(hash, { readyMs, bornMs: readyMs, lastMs: readyMs, idleMs });
    if (size - sweptAt > SWEEP_AT) sweep(readyMs);
  }

  function sweep(nowMs: number): void {
    size = 0;
    for (const [name, machine] of machines) {
      for (const [hash, entry] of machine) if (isOver(entry, nowMs)) machine.delete(hash);
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

/** Where a prompt is found again, what is kept of it, and up to where keeping it is billed as a write. */
interface Places {
  kept: readonly KeptMark[];
  findable: readonly Mark[];
  writtenUpTo: number;
  /** A prefix that is kept for long has all before it in it, shorter ones too. */
  writtenUpTo12h: number;
}

interface KeptMark extends Mark {
  lifetime?: CacheLifetime | undefined;
}

type Regime = Required<PromptCachePlan>['regime'];

const PLACES: Record<Regime, (request: CacheRequest, plan: Required<PromptCachePlan>) => Places> = {
  /** Before GPT-5.6: from 1,024 tokens in steps of 128, whoever marks what; writing is free. */
  prefix: ({ prompt, lifetime }) => ({
    kept: prompt.steps.map((step) => ({ ...step, lifetime })),
    findable: prompt.steps,
    writtenUpTo: 0,
    writtenUpTo12h: 0,
  }),

  /**
   * GPT-5.6 and later: at most four breakpoints are written, the latest that the caller set and the implied one, and the
   * latest 80 are looked for (API description, in async-openai 0.42). In explicit mode nothing else is read either. Those
   * that the caller set do nothing without a key: "you must set it to get the improved matching" (guide, quoted in
   * sernote/audit-prompt-caching#15).
   */
  breakpoint({ prompt, key, implicit, lifetime }, plan) {
    const set = key === '' ? [] : prompt.marks;
    const implied = implicit && prompt.implied ? [prompt.implied] : [];
    const written = [...set.slice(implicit ? -3 : -4), ...implied]
      .filter(({ tokens }) => tokens >= SHORTEST)
      .map((mark): KeptMark => ({ lifetime, ...mark }));
    const upTo = (marks: readonly Mark[]) => Math.max(0, ...marks.map(({ tokens }) => tokens));
    const whole = plan.implicit === 'whole' || !implicit;
    return {
      kept: whole ? written : [...prompt.ends.filter(({ tokens }) => tokens >= SHORTEST), ...written],
      findable: implicit ? prompt.ends : set.slice(-LOOKED_FOR),
      writtenUpTo: upTo(written),
      writtenUpTo12h: upTo(written.filter((mark) => mark.lifetime === '12h')),
    };
  },
};
