/** How much of the machine the grading of one lab may use. */
export interface Limits {
  /** Wall-clock time for the child to start. Default 120 000: a cold disk on a busy machine. */
  startMs: number;
  /** Wall-clock time for the files of one lab to be loaded. Default 10 000. */
  loadMs: number;
  /** Wall-clock time for each check of a lab. Default 10 000. */
  checksMs: number;
  /** Wall-clock time in which neither the answer nor its grader computes at all. Default 10 000. */
  idleMs: number;
  /** Bytes that the child may print around the grader's own capture. Default 1 MB. */
  outputBytes: number;
  /** Megabytes of resident memory; the machinery itself needs about 150. Default 1024. */
  memoryMb: number;
  /** Megabytes of JavaScript objects. Default 768. */
  heapMb: number;
}

export const DEFAULT_LIMITS: Limits = {
  startMs: 120_000,
  loadMs: 10_000,
  checksMs: 10_000,
  idleMs: 10_000,
  outputBytes: 1_000_000,
  memoryMb: 1024,
  heapMb: 768,
};

/**
 * What a person sets for a machine that is slow or small: seconds for each check of a lab in WORKBOOK_TIME_LIMIT, and
 * megabytes of memory in WORKBOOK_MEMORY_LIMIT. Loading gets no less time than it has by default.
 */
export function limitsFrom(env: NodeJS.ProcessEnv): Partial<Limits> {
  const checksMs = Number(env.WORKBOOK_TIME_LIMIT) * 1000;
  const memoryMb = Number(env.WORKBOOK_MEMORY_LIMIT);
  return {
    ...(checksMs > 0 && { checksMs, loadMs: Math.max(checksMs, DEFAULT_LIMITS.loadMs) }),
    ...(memoryMb > 0 && { memoryMb, heapMb: Math.round(memoryMb * HEAP_SHARE) }),
  };
}

const HEAP_SHARE = DEFAULT_LIMITS.heapMb / DEFAULT_LIMITS.memoryMb;
