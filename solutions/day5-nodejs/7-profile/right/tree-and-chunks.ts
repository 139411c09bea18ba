import type {
  BenchOptions,
  CpuProfile,
  Diagnosis,
  Impl,
  Verdict,
} from '#course/day5-nodejs/contracts/profile.ts';

/** Self times by node first, then one walk down the tree with the functions above in hand. */
export function diagnose({ nodes, samples, timeDeltas }: CpuProfile): Diagnosis {
  const ownMs = new Map<number, number>();
  for (const [i, id] of samples.entries()) ownMs.set(id, (ownMs.get(id) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  const wallMs = [...ownMs.values()].reduce((sum, ms) => sum + ms, 0);
  const names = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.functionName]));
  const table: Record<string, { functionName: string; selfMs: number; totalMs: number }> = {};
  const walk = (id: number, above: readonly string[]): void => {
    const node = nodes.find((it) => it.id === id);
    if (!node) return;
    const { functionName, url, lineNumber } = node.callFrame;
    const key = JSON.stringify([url, lineNumber, functionName]);
    table[key] ??= { functionName, selfMs: 0, totalMs: 0 };
    const row = table[key];
    const ms = ownMs.get(id) ?? 0;
    row.selfMs += ms;
    const stack = above.includes(key) ? above : [...above, key];
    for (const name of stack) (table[name] as typeof row).totalMs += ms;
    for (const child of node.children ?? []) walk(child, stack);
  };
  const called = new Set(nodes.flatMap(({ children = [] }) => children));
  for (const { id } of nodes) if (!called.has(id)) walk(id, []);
  const blocks = [0];
  for (const [i, id] of samples.entries()) {
    if (names.get(id) === '(idle)') blocks.push(0);
    else blocks.push((blocks.pop() ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  }
  const hotspots = Object.values(table).filter(
    (it) => !/^\(/.test(it.functionName) && it.selfMs / wallMs >= 0.05,
  );
  return { hotspots: hotspots.sort((a, b) => b.selfMs - a.selfMs), longestBlockMs: Math.max(...blocks) };
}

/** Both started first, then chunk by chunk in turns, so that a slow minute of the provider meets both. */
export async function fairBench(
  a: Impl,
  b: Impl,
  { warmUp, requests, concurrency }: BenchOptions,
): Promise<Verdict> {
  const sides = [await a.start({ keepAlive: true }), await b.start({ keepAlive: true })] as const;
  const took: [number[], number[]] = [[], []];
  const cpuMs: [number, number] = [0, 0];
  for (let from = 0; from < warmUp + requests; from += concurrency) {
    for (const [i, side] of sides.entries()) {
      const numbers = Array.from({ length: concurrency }, (_, k) => from + k).filter(
        (k) => k < warmUp + requests,
      );
      const times = await Promise.all(
        numbers.map(async (number) => {
          const startMs = performance.now();
          const before = side.cpuMs();
          await side.request(number);
          return { number, ms: performance.now() - startMs, before };
        }),
      );
      for (const { number, ms } of times) if (number >= warmUp) took[i]?.push(ms);
      if (from + concurrency <= warmUp) cpuMs[i as 0 | 1] = side.cpuMs();
    }
  }
  const counted = requests + warmUp - Math.floor(warmUp / concurrency) * concurrency;
  const perRequest = sides.map((side, i) => (side.cpuMs() - (cpuMs[i] ?? 0)) / counted) as [number, number];
  const medianMs = took.map((times) => times.sort((x, y) => x - y)[times.length >> 1] ?? 0) as [
    number,
    number,
  ];
  for (const side of sides) side.stop();
  const [x, y] = medianMs;
  const winner = Math.max(x, y) < 1.1 * Math.min(x, y) ? null : x < y ? a.name : b.name;
  return { winner, medianMs, cpuMsPerRequest: perRequest };
}
