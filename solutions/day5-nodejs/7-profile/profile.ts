import type {
  BenchOptions,
  CallFrame,
  CpuProfile,
  Diagnosis,
  Impl,
  Running,
  Verdict,
} from '#course/day5-nodejs/contracts/profile.ts';

/** Names like (idle), (program) and (garbage collector) are the engine's: idle is waiting, the others are work. */
export function diagnose({ nodes, samples, timeDeltas }: CpuProfile): Diagnosis {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const parents = new Map(
    nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const found = new Map<string, Diagnosis['hotspots'][number]>();
  let wallMs = 0;
  let blockMs = 0;
  let longestBlockMs = 0;
  for (const [i, sample] of samples.entries()) {
    const ms = (timeDeltas[i] as number) / 1000;
    wallMs += ms;
    blockMs = frames.get(sample)?.functionName === '(idle)' ? 0 : blockMs + ms;
    longestBlockMs = Math.max(longestBlockMs, blockMs);
    // From the function on top down to the root; each function of the stack takes this moment once.
    const seen = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const { functionName, url, lineNumber } = frames.get(id) as CallFrame;
      const key = `${functionName} ${url}:${lineNumber}`;
      const entry = found.get(key) ?? { functionName, selfMs: 0, totalMs: 0 };
      found.set(key, entry);
      if (id === sample) entry.selfMs += ms;
      if (!seen.has(key)) entry.totalMs += ms;
      seen.add(key);
    }
  }
  const hotspots = [...found.values()]
    .filter(({ functionName, selfMs }) => !functionName.startsWith('(') && selfMs >= SHARE * wallMs)
    .sort((a, b) => b.selfMs - a.selfMs);
  return { hotspots, longestBlockMs };
}

const SHARE = 0.05;

/** The same requests, as many at a time, over kept connections, when both are warm. */
export async function fairBench(a: Impl, b: Impl, options: BenchOptions): Promise<Verdict> {
  const x = await measure(a, options);
  const y = await measure(b, options);
  const apartMs = Math.abs(x.medianMs - y.medianMs);
  const faster = x.medianMs < y.medianMs ? a.name : b.name;
  return {
    winner: apartMs < NO_DIFFERENCE * Math.max(x.medianMs, y.medianMs) ? null : faster,
    medianMs: [x.medianMs, y.medianMs],
    cpuMsPerRequest: [x.cpuMs, y.cpuMs],
  };
}

const NO_DIFFERENCE = 0.1;

async function measure(impl: Impl, { warmUp, requests, concurrency }: BenchOptions) {
  const running = await impl.start({ keepAlive: true });
  await run(running, 0, warmUp, concurrency);
  const cpuBeforeMs = running.cpuMs();
  const tookMs = await run(running, warmUp, warmUp + requests, concurrency);
  const cpuMs = (running.cpuMs() - cpuBeforeMs) / requests;
  running.stop();
  return { medianMs: median(tookMs), cpuMs };
}

/** Keeps `concurrency` requests under way, and tells what each took. */
async function run(running: Running, from: number, to: number, concurrency: number): Promise<number[]> {
  const tookMs: number[] = [];
  let next = from;
  const worker = async () => {
    while (next < to) {
      const startMs = performance.now();
      await running.request(next++);
      tookMs.push(performance.now() - startMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return tookMs;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] as number;
}
