/** What `node --cpu-prof` writes: a tree of functions, and which of its nodes was on top at each sample. */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  /** Ids of nodes; `timeDeltas[i]`, in microseconds, is the time that belongs to `samples[i]`. */
  samples: number[];
  timeDeltas: number[];
}
type CallFrame = { functionName: string; url: string; lineNumber: number };

export interface Diagnosis {
  /** Functions that themselves take 5 % of the wall time or more, the dearest first. */
  hotspots: { functionName: string; selfMs: number; totalMs: number }[];
  /** The longest time during which the event loop could not turn. */
  longestBlockMs: number;
}

/** Names like (idle), (program) and (garbage collector) are the engine's: idle is waiting, the others are work. */
export function diagnose({ nodes, samples, timeDeltas }: CpuProfile): Diagnosis {
  // TODO: whoever calls somebody expensive looks expensive here, and waiting looks like work.
  const totalOf = (id: number): number => {
    let ms = 0;
    for (const [i, sample] of samples.entries()) if (sample === id) ms += (timeDeltas[i] ?? 0) / 1000;
    for (const child of nodes.find((node) => node.id === id)?.children ?? []) ms += totalOf(child);
    return ms;
  };
  const rows = nodes.map(({ id, callFrame: it }) => ({ ...it, selfMs: totalOf(id), totalMs: totalOf(id) }));
  return { hotspots: rows.sort((a, b) => b.selfMs - a.selfMs), longestBlockMs: totalOf(1) };
}

/** A program in one of two languages. What `start` is not told, it does in the way of its own library. */
export type Impl = { name: string; start(settings?: { keepAlive?: boolean }): Promise<Running> };

export interface Running {
  request(number: number): Promise<void>;
  /** CPU time of the process so far. */
  cpuMs(): number;
  stop(): void;
}

/** Requests `0 … warmUp - 1` are to warm up, the next `requests` are measured, `concurrency` at a time. */
export type BenchOptions = Record<'warmUp' | 'requests' | 'concurrency', number>;
/** `winner` is null where the medians differ by less than a tenth. Figures in the order of the programs. */
export type Verdict = { winner: string | null; medianMs: Pair; cpuMsPerRequest: Pair };
type Pair = [number, number];

export async function fairBench(a: Impl, b: Impl, { requests }: BenchOptions): Promise<Verdict> {
  // TODO: one after the other, from a cold start, with the settings of each library, and wall for CPU time.
  const took: Pair = [performance.now(), 0];
  for (const [i, impl] of [a, b].entries()) {
    const [startMs, running] = [performance.now(), await impl.start()];
    for (let number = 0; number < requests; number += 1) await running.request(number);
    took[i] = (performance.now() - startMs) / requests;
  }
  return { winner: took[0] < took[1] ? a.name : b.name, medianMs: took, cpuMsPerRequest: took };
}
