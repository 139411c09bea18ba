import { modelFor, quick } from '../provider/index.ts';
import {
  type Contender,
  direct,
  type OverLoopback,
  overLoopback,
  sampleAnswer,
  sdk,
  sdkTrivial,
  trivialHandler,
} from './contenders.ts';

/** One figure of the benchmark: ours beside a baseline that ran in the same process, turn about. */
export interface BenchRow {
  name: string;
  unit: 'requests/s' | 'ms/request' | 'ms' | 'MB';
  ours: number;
  baseline: number | null;
  /** Ours as a multiple of the baseline. */
  ratio: number | null;
  /** The least ratio that is aimed at, or where there is no ratio the most that ours should be. */
  aim: number | null;
}

const ROUNDS = 5;

export interface ProviderBench {
  /** Told what is being measured. */
  say(text: string): void;
  /** Given each figure as soon as it is there. */
  add(row: BenchRow): void;
  /** A run of a million requests too, which takes minutes by itself. */
  million: boolean;
}

/** All figures about the provider, in about a minute. */
export async function benchProvider({ say, add, million }: ProviderBench): Promise<void> {
  const answer = await sampleAnswer();
  for (const waits of [false, true]) {
    const how = waits ? 'both waiting in virtual time' : 'neither waiting';
    say(`in process, ${how}`);
    const handler = trivialHandler(answer, waits);
    add(await duel(`against a trivial MSW handler, ${how}`, 0.8, 4000, direct(waits), handler));
    say(`under the SDK, ${how}`);
    add(
      await duel(
        `under the SDK, against a trivial fetch, ${how}`,
        0.5,
        3000,
        sdk(waits),
        sdkTrivial(answer, waits),
      ),
    );
  }
  const ours = await overLoopback('provider');
  for (const [kind, name, aim] of [
    ['trivial', 'a trivial node:http server', null],
    ['aimock', '@copilotkit/aimock', 1.2],
  ] as const) {
    say(`over loopback, beside ${name}`);
    const other = await overLoopback(kind);
    add(await duel(`loopback, against ${name}`, aim, 3000, ours, other));
    other.close();
  }
  for (const [kind, path, body] of LONG_REQUESTS) {
    say(`over loopback, ${kind}`);
    const holds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) holds.push(await ours.held(path, body()));
    const middle = holds.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
    const none = { baseline: null, ratio: null };
    add({
      name: `loopback: the event loop is held at most, ${kind}`,
      unit: 'ms',
      ours: middle,
      ...none,
      aim: 50,
    });
  }
  for (const count of [1000, 10_000, 100_000, ...(million ? [1_000_000] : [])]) {
    say(`over loopback, ${count} requests`);
    for (const row of await scale(ours, count)) add(row);
  }
  ours.close();
}

/** What takes long enough to hold up others, if it were done in one go. */
const LONG_REQUESTS: readonly [kind: string, path: string, body: () => object][] = [
  ['100 kB without a space', '/v1/chat/completions', () => chatOf(['a'.repeat(100_000)])],
  ['1 MB without a space', '/v1/chat/completions', () => chatOf(['a'.repeat(1_000_000)])],
  ['3 MB of words', '/v1/chat/completions', () => chatOf(['so many words '.repeat(214_000)])],
  [
    '2,048 messages',
    '/v1/chat/completions',
    () => chatOf(Array.from({ length: 2048 }, (_, i) => `Turn ${i}`)),
  ],
  // Refused, but it has to be read before.
  [
    '20 MB of empty lists',
    '/v1/chat/completions',
    () => ({ x: Array.from({ length: 6_600_000 }, () => []) }),
  ],
  [
    '2,048 texts to embed',
    '/v1/embeddings',
    () => ({ model: modelFor('embedder'), input: Array.from({ length: 2048 }, (_, i) => `Text ${i}`) }),
  ],
];

function chatOf(contents: readonly string[]): object {
  return { ...quick(modelFor('small')), messages: contents.map((content) => ({ role: 'user', content })) };
}

/** Both run turn about, so that a busy machine slows both; the middle of several rounds counts. */
async function duel(
  name: string,
  aim: number | null,
  count: number,
  ours: Contender,
  baseline: Contender,
): Promise<BenchRow> {
  await ours.send(count / 4);
  await baseline.send(count / 4);
  const rates: [ours: number, baseline: number][] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rates.push([await rate(ours, count), await rate(baseline, count)]);
  const middle = rates.sort((a, b) => a[0] / a[1] - b[0] / b[1])[Math.floor(ROUNDS / 2)] as [number, number];
  return {
    name,
    unit: 'requests/s',
    ours: middle[0],
    baseline: middle[1],
    ratio: middle[0] / middle[1],
    aim,
  };
}

async function rate({ send }: Contender, count: number): Promise<number> {
  const startMs = performance.now();
  await send(count);
  return (count / (performance.now() - startMs)) * 1000;
}

async function scale(ours: OverLoopback, count: number): Promise<BenchRow[]> {
  const before = await ours.heapMb();
  const startMs = performance.now();
  await ours.send(count);
  const perRequest = (performance.now() - startMs) / count;
  const grown = (await ours.heapMb()) - before;
  const none = { baseline: null, ratio: null };
  return [
    { name: `${count} requests: time each`, unit: 'ms/request', ours: perRequest, ...none, aim: null },
    { name: `${count} requests: memory that stays`, unit: 'MB', ours: grown, ...none, aim: 30 },
  ];
}
