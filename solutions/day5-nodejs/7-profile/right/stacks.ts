import type {
  BenchOptions,
  CallFrame,
  CpuProfile,
  Diagnosis,
  Impl,
  Verdict,
} from '#course/day5-nodejs/contracts/profile.ts';

export const diagnose = (profile: CpuProfile): Diagnosis => {
  const up = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)),
  );
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame] as const));
  const same = (x: CallFrame, y: CallFrame) =>
    x.functionName === y.functionName && x.url === y.url && x.lineNumber === y.lineNumber;
  const stackOf = (id: number | undefined): CallFrame[] =>
    id === undefined ? [] : [frames.get(id) as CallFrame, ...stackOf(up.get(id))];
  const stacks = new Map(profile.nodes.map(({ id }) => [id, stackOf(id)] as const));
  const taken = profile.samples.map((id, i) => ({
    stack: stacks.get(id) as CallFrame[],
    us: profile.timeDeltas[i] as number,
  }));
  const sum = (list: { us: number }[]) => list.reduce((all, { us }) => all + us, 0) / 1000;
  const wallMs = sum(taken);
  const functions = [...frames.values()].filter(
    (it, i, all) => all.findIndex((other) => same(it, other)) === i,
  );
  const hotspots = functions
    .filter(({ functionName }) => functionName[0] !== '(')
    .map((frame) => ({
      functionName: frame.functionName,
      selfMs: sum(taken.filter(({ stack }) => same(stack[0] as CallFrame, frame))),
      totalMs: sum(taken.filter(({ stack }) => stack.some((it) => same(it, frame)))),
    }))
    .filter(({ selfMs }) => selfMs >= wallMs * 0.05)
    .toSorted((x, y) => y.selfMs - x.selfMs);
  const blocks = [0];
  for (const { stack, us } of taken)
    if (stack[0]?.functionName === '(idle)') blocks.push(0);
    else blocks.push((blocks.pop() as number) + us);
  return { hotspots, longestBlockMs: Math.max(...blocks) / 1000 };
};

/** One pool of workers from first to last number: no pause between warm-up and measurement. */
export async function fairBench(
  a: Impl,
  b: Impl,
  { warmUp, requests, concurrency }: BenchOptions,
): Promise<Verdict> {
  const measure = async (impl: Impl): Promise<[number, number]> => {
    const it = await impl.start({ keepAlive: true });
    let number = 0;
    let cpuAt = it.cpuMs();
    const times: number[] = [];
    async function* numbers(to: number) {
      while (number < to) yield number++;
    }
    const phase = (to: number, keep: boolean) =>
      Promise.all(
        Array.from({ length: concurrency }, async () => {
          for await (const n of numbers(to)) {
            const t0 = performance.now();
            await it.request(n);
            if (keep) times.push(performance.now() - t0);
          }
        }),
      );
    await phase(warmUp, false);
    cpuAt = it.cpuMs();
    await phase(warmUp + requests, true);
    const cpu = (it.cpuMs() - cpuAt) / requests;
    it.stop();
    times.sort((x, y) => x - y);
    return [times[(times.length - 1) >> 1] as number, cpu];
  };
  const [medianA, cpuA] = await measure(a);
  const [medianB, cpuB] = await measure(b);
  const ratio = medianA / medianB;
  return {
    winner: ratio > 0.9 && ratio < 1.1 ? null : ratio < 1 ? a.name : b.name,
    medianMs: [medianA, medianB],
    cpuMsPerRequest: [cpuA, cpuB],
  };
}
