import type * as Subject from '#days/day4-metrics/5-load-test/load-test.ts';
import type { Clock } from '#lib/clock';
import { defineScenario, inWords, type Scenario, sum, type TraceRequest, type Unit } from '#lib/provider';
import type * as Contract from './contracts/load-test.ts';
import { createTarget, exactReport } from './target.ts';

/** More than the target takes at one time, so that nothing waits for one. */
const SOCKETS = 1000;
/** A deployment that starts after 350 ms, reads 27,000 tokens a second and writes 100, sixty requests at a time. */
const PLACES = 60;
const QUEUE = 300;
const workMs = ({ inputTokens, outputTokens }: TraceRequest) => 350 + inputTokens / 27 + outputTokens * 10;

interface Replayed {
  said: Contract.LoadReport;
  exact: Contract.LoadReport;
}

/** A recorded day put to the subject's `loadTest`: what it reports, beside what the users of that day would have met. */
export function replay(
  trace: readonly TraceRequest[],
): Scenario<typeof Subject, Contract.Arrival[], Replayed> {
  const requests = new Map(trace.map((request, i) => [`Request ${i + 1} of the trace`, request]));
  const of = (prompt: string) => requests.get(prompt) as TraceRequest;
  const newTarget = (clock: Clock) =>
    createTarget(clock, {
      ...{ places: PLACES, queue: QUEUE },
      serviceMs: (prompt) => workMs(of(prompt)),
      outputTokens: (prompt) => of(prompt).outputTokens,
    });
  return defineScenario({
    traffic: () => [...requests].map(([prompt, { atMs }]) => ({ prompt, atMs })),
    async play({ loadTest }: typeof Subject, { clock, traffic }) {
      const said = await loadTest(newTarget(clock).call, traffic, { sockets: SOCKETS, warmUpMs: 0 });
      return { said, exact: await asItWas(newTarget(clock), clock, traffic) };
    },
    chart: ({ outcome }) => [...about(trace), '', ...table(outcome.value)].join('\n'),
  });
}

/** Every request at its moment, and what the target then had on record. */
async function asItWas(
  { call, log }: ReturnType<typeof createTarget>,
  clock: Clock,
  arrivals: readonly Contract.Arrival[],
): Promise<Contract.LoadReport> {
  const startMs = clock.now();
  const ask = async ({ atMs, prompt }: Contract.Arrival) => {
    await clock.sleep(atMs);
    await call(prompt).catch(() => {}); // a refusal is on record
  };
  await Promise.all(arrivals.map(ask));
  return exactReport(log, arrivals, startMs, 0);
}

/** What was replayed, and on what. */
function about(trace: readonly TraceRequest[]): string[] {
  const bySecond = new Map<number, number>();
  for (const { atMs } of trace) {
    const second = Math.floor(atMs / 1000);
    bySecond.set(second, (bySecond.get(second) ?? 0) + 1);
  }
  const busiest = [...bySecond.values()].reduce((most, count) => Math.max(most, count), 0);
  const minutes = (trace.at(-1)?.atMs ?? 0) / 60_000;
  const mean = (tokens: number[]) => inWords(sum(tokens) / tokens.length, 'tokens');
  return [
    `${trace.length.toLocaleString('en-GB')} requests, the last after ${inWords(minutes, 'count')} min; ${busiest} of them in the busiest second;`,
    `on average ${mean(trace.map((it) => it.inputTokens))} in and ${mean(trace.map((it) => it.outputTokens))} out.`,
    `The target: ${PLACES} places, a queue of ${QUEUE}; it reads 27,000 tokens a second and writes 100.`,
  ];
}

const ROWS: [keyof Contract.LoadReport, string, Unit][] = [
  ['p50Ms', 'p50', 'ms'],
  ['p95Ms', 'p95', 'ms'],
  ['p99Ms', 'p99', 'ms'],
  ['requestsPerSec', 'answers a second', 'count'],
  ['tokensPerSec', 'tokens a second', 'count'],
  ['errorShare', 'errors', 'share'],
];

function table({ said, exact }: Replayed): string[] {
  const line = (cells: string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : cell.padStart(16))).join('');
  const rows = ROWS.map(([key, name, unit]) => [name, inWords(said[key], unit), inWords(exact[key], unit)]);
  return [['', 'your loadTest', 'its users'], ...rows].map(line);
}
