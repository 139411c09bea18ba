import type * as Subject from '#days/day5-nodejs/7-profile/profile.ts';
import type { Clock } from '#lib/clock';
import { defineScenario, percentile, randomFor } from '#lib/provider';
import type * as Contract from '../../contracts/profile.ts';
import { compareScripted } from './scripted.ts';

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
const COLD_REQUESTS = 30;
const SLOW_EVERY = 10;
const SLOW_FACTOR = 4;

/** What a program was seen to do. */
interface Seen {
  name: string;
  keepAlive: boolean[];
  peak: number;
  /** Numbers of the requests, in the order in which they were made. */
  requests: number[];
  cpuMs: number;
  /** How many of its requests began while the other program was at work. */
  disturbed: number;
  /** How many requests were answered when it was stopped; -1 if it never was. */
  stoppedAfter: number;
}

/** A program whose network is the same provider: the same request takes the same time, whoever asks. */
function createImpl(
  language: Language & { cpuMs: number },
  networkMs: (i: number) => number,
  { clock, atWork }: { clock: Clock; atWork: string[] },
) {
  const seen: Seen = {
    ...{ name: language.name, keepAlive: [], peak: 0, requests: [], cpuMs: 0 },
    ...{ disturbed: 0, stoppedAfter: -1 },
  };
  const impl: Contract.Impl = {
    name: language.name,
    async start({ keepAlive = language.keepAlive } = {}) {
      seen.keepAlive.push(keepAlive);
      await clock.sleep(language.startMs);
      let begun = 0;
      let done = 0;
      let underWay = 0;
      let open = 0;
      let cpuMs = 0;
      let freeAtMs = 0;
      return {
        async request(number) {
          seen.requests.push(number);
          if (atWork.some((name) => name !== language.name)) seen.disturbed += 1;
          atWork.push(language.name);
          underWay += 1;
          seen.peak = Math.max(seen.peak, underWay);
          const cold = begun++ < COLD_REQUESTS ? language.coldMs : 0;
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
          done += 1;
          atWork.splice(atWork.indexOf(language.name), 1);
          if (!keepAlive) open -= 1;
        },
        cpuMs: () => cpuMs,
        stop() {
          seen.stoppedAfter = done;
        },
      };
    },
  };
  return { impl, seen };
}

interface Benched {
  verdict: Contract.Verdict;
  seen: [Seen, Seen];
  truth: [number, number];
  cpuPerRequest: [number, number];
}

/** A load that is nearly all network (calls of a model), and one that is nearly all computing (counting tokens). */
export const languages = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock, seed }) {
    // A few answers take far longer than the others, so that their mean is no median.
    const wait = (medianMs: number) => (i: number) =>
      Math.round(
        medianMs *
          Math.exp(0.35 * randomFor(seed, 'network', medianMs, i).normal()) *
          (i % SLOW_EVERY === 0 ? SLOW_FACTOR : 1),
      );
    const bench = async (
      nodeCpuMs: number,
      pythonCpuMs: number,
      networkMs: (i: number) => number,
    ): Promise<Benched> => {
      const fresh = () => {
        const world = { clock, atWork: [] };
        return [
          createImpl({ ...NODE, cpuMs: nodeCpuMs }, networkMs, world),
          createImpl({ ...PYTHON, cpuMs: pythonCpuMs }, networkMs, world),
        ];
      };
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
    return {
      network: await bench(1.2, 1.8, wait(800)),
      cpu: await bench(36, 216, wait(20)),
      scripted: await compareScripted(subject.fairBench, clock),
    };
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
