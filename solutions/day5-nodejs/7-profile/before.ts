import type {
  BenchOptions,
  CpuProfile,
  Diagnosis,
  Impl,
  Pair,
  Verdict,
} from '#course/day5-nodejs/contracts/profile.ts';

/** Names like (idle), (program) and (garbage collector) are the engine's: idle is waiting, the others are work. */
export function diagnose({ nodes, samples, timeDeltas }: CpuProfile): Diagnosis {
  // TODO: whoever calls somebody slow looks slow here, and waiting looks like work.
  const totalOf = (id: number): number => {
    let ms = 0;
    for (const [i, sample] of samples.entries()) if (sample === id) ms += (timeDeltas[i] ?? 0) / 1000;
    for (const child of nodes.find((node) => node.id === id)?.children ?? []) ms += totalOf(child);
    return ms;
  };
  const rows = nodes.map(({ id, callFrame: it }) => ({ ...it, selfMs: totalOf(id), totalMs: totalOf(id) }));
  return { hotspots: rows.sort((a, b) => b.selfMs - a.selfMs), longestBlockMs: totalOf(1) };
}

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
