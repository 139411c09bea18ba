/** What `node --cpu-prof` writes: a tree of functions, and which of its nodes was on top at each sample. */
export interface CpuProfile {
  nodes: { id: number; callFrame: CallFrame; children?: number[] }[];
  /** Ids of nodes; `timeDeltas[i]`, in microseconds, is the time that belongs to `samples[i]`. */
  samples: number[];
  timeDeltas: number[];
}

export type CallFrame = { functionName: string; url: string; lineNumber: number };

export interface Diagnosis {
  /** Functions of the program that themselves take 5 % of the wall time or more, the one that takes most first. */
  hotspots: { functionName: string; selfMs: number; totalMs: number }[];
  /** The longest time during which the event loop could not turn. */
  longestBlockMs: number;
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

export type Pair = [number, number];
