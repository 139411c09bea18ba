import { readFileSync } from 'node:fs';
import type * as Subject from '#days/day5-nodejs/7-profile/profile.ts';
import type { Clock } from '#lib/clock';
import { defineScenario, percentile, type Random, randomFor, sum } from '#lib/provider';
import type * as Contract from '../contracts/profile.ts';

// --- profiles ----------------------------------------------------------------------------------------------------

type Profile = Contract.CpuProfile;
type ProfileNode = Profile['nodes'][number];

/** A profile made for this lab, and what is true of it. */
export interface Made {
  profile: Profile;
  truth: Contract.Diagnosis;
}

const BETWEEN = '(idle)';

/** Functions of a made-up program: who calls whom, and how many milliseconds of its own each takes in a burst. */
interface Shape {
  path: string[];
  ms: () => number;
}

/** Bursts of work with waiting between them. Recursion, and two functions of one name in two files. */
function makeProfile(random: Random, shapes: readonly Shape[], bursts: number, idleMs: () => number): Made {
  const nodes: ProfileNode[] = [];
  const children = new Map<number, number[]>();
  const idOf = (path: readonly string[]): number => {
    const known = paths.get(path.join('>'));
    if (known !== undefined) return known;
    const id = nodes.length + 1;
    const [functionName = '', url = 'file:///app/main.mjs'] = (path.at(-1) ?? '').split('@');
    const own: number[] = [];
    nodes.push({ id, callFrame: { functionName, url, lineNumber: functionName.length }, children: own });
    children.set(id, own);
    paths.set(path.join('>'), id);
    if (path.length > 1) children.get(idOf(path.slice(0, -1)))?.push(id);
    return id;
  };
  const paths = new Map<string, number>();
  idOf(['(root)']);
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let longestMs = 0;
  const add = (path: string[], ms: number) => {
    const micros = Math.round(ms * 1000);
    samples.push(idOf(['(root)', ...path]));
    timeDeltas.push(micros);
    const own = path.at(-1) ?? '';
    self.set(own, (self.get(own) ?? 0) + micros / 1000);
    for (const name of new Set(path)) total.set(name, (total.get(name) ?? 0) + micros / 1000);
    return micros / 1000;
  };
  for (let burst = 0; burst < bursts; burst += 1) {
    add([BETWEEN], idleMs());
    let blockMs = 0;
    for (let slice = 0; slice < 3; slice += 1)
      for (const { path, ms } of random.shuffle(shapes)) blockMs += add(path, ms() / 3);
    longestMs = Math.max(longestMs, blockMs);
  }
  add([BETWEEN], idleMs());
  const wallMs = sum(timeDeltas) / 1000;
  const hotspots = [...self]
    .filter(([name, ms]) => !name.startsWith('(') && ms >= 0.05 * wallMs)
    .map(([name, selfMs]) => ({
      functionName: name.split('@')[0] ?? '',
      selfMs,
      totalMs: total.get(name) ?? 0,
    }))
    .sort((a, b) => b.selfMs - a.selfMs);
  return { profile: { nodes, samples, timeDeltas }, truth: { hotspots, longestBlockMs: longestMs } };
}

/** A profile recorded with `node --cpu-prof`, reduced to the functions of profiles/pipeline.mjs. */
export function recorded(name: 'pipeline' | 'fixed'): Profile {
  return JSON.parse(
    readFileSync(new URL(`../profiles/${name}.cpuprofile`, import.meta.url), 'utf8'),
  ) as Profile;
}

export { profiles as scenario };

/** Two made-up programs with known figures, and two recorded ones. */
export const profiles = defineScenario({
  traffic(random) {
    const about = (ms: number) => () => ms * (0.7 + 0.6 * random.next());
    const nested = makeProfile(
      random,
      [
        { path: ['main', 'handle', 'renderPage'], ms: about(6) },
        { path: ['main', 'handle', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree', 'escapeText'], ms: about(3) },
        { path: ['main', 'handle', 'parse@file:///app/json.mjs'], ms: about(8) },
        { path: ['main', 'handle', 'parse@file:///app/csv.mjs'], ms: about(4) },
        { path: ['main', 'handle', '(garbage collector)'], ms: about(1) },
        { path: ['main', 'handle'], ms: about(0.5) },
      ],
      12,
      about(20),
    );
    const network = makeProfile(
      random,
      [
        { path: ['main', 'buildPrompt'], ms: about(1.6) },
        { path: ['main', 'parseAnswer'], ms: about(0.4) },
      ],
      5,
      about(2000),
    );
    return { nested, network, pipeline: recorded('pipeline'), fixed: recorded('fixed') };
  },
  play({ diagnose }: typeof Subject, { traffic }) {
    const { nested, network, pipeline, fixed } = traffic;
    return {
      nested: diagnose(nested.profile),
      network: diagnose(network.profile),
      pipeline: diagnose(pipeline),
      fixed: diagnose(fixed),
    };
  },
  readings({ traffic, outcome }) {
    const { hotspots } = traffic.nested.truth;
    const found = outcome.value.nested.hotspots;
    const off = hotspots.map(({ functionName, selfMs }) => {
      const near = found
        .filter((it) => it.functionName === functionName)
        .map((it) => Math.abs(it.selfMs - selfMs));
      return Math.min(selfMs, ...near);
    });
    return {
      // Self times are exact: they are sums of what the profile says.
      'error of the self times': {
        unit: 'share',
        better: 'lower',
        value: sum(off) / sum(hotspots.map((it) => it.selfMs)),
        target: 0.01,
        limit: 0,
      },
    };
  },
});

// --- two languages -----------------------------------------------------------------------------------------------

export const BENCH = { warmUp: 30, requests: 120, concurrency: 8 };

/** What is simulated of a program: its start, the cold code of its first requests, whether it keeps connections. */
interface Language {
  name: string;
  startMs: number;
  coldMs: number;
  keepAlive: boolean;
}

/** Node compiles hot code while it runs; Python's library here opens a connection for each request unless told. */
const NODE: Language = { name: 'Node', startMs: 60, coldMs: 350, keepAlive: true };
const PYTHON: Language = { name: 'Python', startMs: 900, coldMs: 40, keepAlive: false };
const HANDSHAKE_MS = 130;
const COLD_REQUESTS = 25;

/** What a program was seen to do. */
export interface Seen {
  name: string;
  keepAlive: boolean[];
  peak: number;
  /** Numbers of the requests, in the order in which they were made. */
  requests: number[];
  cpuMs: number;
}

/** A program whose network is the same provider: the same request takes the same time, whoever asks. */
function createImpl(language: Language & { cpuMs: number }, networkMs: (i: number) => number, clock: Clock) {
  const seen: Seen = { name: language.name, keepAlive: [], peak: 0, requests: [], cpuMs: 0 };
  const impl: Contract.Impl = {
    name: language.name,
    async start({ keepAlive = language.keepAlive } = {}) {
      seen.keepAlive.push(keepAlive);
      await clock.sleep(language.startMs);
      let done = 0;
      let underWay = 0;
      let open = 0;
      let cpuMs = 0;
      let freeAtMs = 0;
      return {
        async request(number) {
          seen.requests.push(number);
          underWay += 1;
          seen.peak = Math.max(seen.peak, underWay);
          const cold = done++ < COLD_REQUESTS ? language.coldMs : 0;
          const reuses = keepAlive && open >= underWay;
          if (!reuses) {
            open += 1;
            await clock.sleep(HANDSHAKE_MS);
          }
          await clock.sleep(networkMs(number) + cold);
          // One thread: computing waits for computing.
          const ms = language.cpuMs;
          freeAtMs = Math.max(freeAtMs, clock.now()) + ms;
          cpuMs += ms;
          seen.cpuMs += ms;
          await clock.sleep(freeAtMs - clock.now());
          underWay -= 1;
          if (!keepAlive) open -= 1;
        },
        cpuMs: () => cpuMs,
        stop() {},
      };
    },
  };
  return { impl, seen };
}

export interface Benched {
  verdict: Contract.Verdict;
  seen: [Seen, Seen];
  truth: [number, number];
  cpuPerRequest: [number, number];
}

/** A load that is nearly all network (calls of a model), and one that is nearly all computing (counting tokens). */
export const languages = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock, seed }) {
    const wait = (medianMs: number) => (i: number) =>
      Math.round(medianMs * Math.exp(0.35 * randomFor(seed, 'network', medianMs, i).normal()));
    const bench = async (
      nodeCpuMs: number,
      pythonCpuMs: number,
      networkMs: (i: number) => number,
    ): Promise<Benched> => {
      const fresh = () => [
        createImpl({ ...NODE, cpuMs: nodeCpuMs }, networkMs, clock),
        createImpl({ ...PYTHON, cpuMs: pythonCpuMs }, networkMs, clock),
      ];
      const [node, python] = fresh() as [ReturnType<typeof createImpl>, ReturnType<typeof createImpl>];
      const truth: number[] = [];
      const cpuPerRequest: number[] = [];
      for (const { impl } of fresh()) {
        const { medianMs, cpuMs } = await steady(impl);
        truth.push(medianMs);
        cpuPerRequest.push(cpuMs);
      }
      return {
        verdict: await subject.fairBench(node.impl, python.impl, BENCH),
        seen: [node.seen, python.seen],
        truth: truth as [number, number],
        cpuPerRequest: cpuPerRequest as [number, number],
      };
    };
    return { network: await bench(1.2, 1.8, wait(800)), cpu: await bench(36, 216, wait(20)) };
  },
  readings({ outcome }) {
    const { verdict, truth } = outcome.value.network;
    const off = truth.map((ms, i) => Math.abs((verdict.medianMs[i] ?? 0) - ms) / ms);
    return {
      // What a program does when it is warm is known here to the millisecond.
      'error of the medians': {
        unit: 'share',
        better: 'lower',
        value: Math.max(...off),
        target: 0.05,
        limit: 0,
      },
    };
  },
});

/** A program's own steady state: warm, connections open, the asked number of requests at a time. */
async function steady(impl: Contract.Impl): Promise<{ medianMs: number; cpuMs: number }> {
  const running = await impl.start({ keepAlive: true });
  const { warmUp, requests, concurrency } = BENCH;
  const run = async (from: number, to: number) => {
    const tookMs: number[] = [];
    let next = from;
    const worker = async () => {
      while (next < to) {
        const number = next++;
        const startMs = performance.now();
        await running.request(number);
        tookMs.push(performance.now() - startMs);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
    return tookMs;
  };
  await run(0, warmUp);
  const cpuBefore = running.cpuMs();
  const tookMs = await run(warmUp, warmUp + requests);
  return { medianMs: percentile(tookMs, 50), cpuMs: (running.cpuMs() - cpuBefore) / requests };
}
