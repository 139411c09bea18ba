import type * as Subject from '#days/day5-nodejs/1-asyncio-port/port.ts';
import { defineScenario, modelFor, quick, sum } from '#lib/provider';
import { provider } from '../../provider.ts';
import { incidentLog, promptFor, summaryOf } from '../../reference.ts';
import { CACHE_SIZE, DEADLINE_MS, ENDLESS, nameOf, storagesEnded } from './corners.ts';

export { corners, ENDLESS } from './corners.ts';

export const LIMIT = 4;

const body = (prompt: string) => ({
  ...quick(modelFor('small')),
  messages: [{ role: 'user' as const, content: prompt }],
});

/** The night report: the optimiser of python/optimiser.py, put together from the four tools of the subject. */
export const scenario = defineScenario({
  provider,
  answer: ({ prompt, sentences }) => (prompt === ENDLESS ? sentences(3000) : summaryOf(prompt)),
  traffic: incidentLog,
  play: (subject: typeof Subject, { openai, clock, traffic }) =>
    storagesEnded(async () => {
      const create = async (prompt: string, signal: AbortSignal) => {
        const completion = await openai.chat.completions.create(body(prompt), { signal, maxRetries: 0 });
        return completion.choices[0]?.message.content ?? '';
      };
      const requestId = subject.requestContext<string>();
      const seen: string[] = [];
      const summarise = subject.lruCached(CACHE_SIZE, (chunk) =>
        subject.withDeadline(30_000, (signal) => create(promptFor(chunk), signal)),
      );
      const startMs = clock.now();
      const answers = await subject.gatherWithLimit(
        LIMIT,
        traffic.map(
          (chunk, number) => () =>
            requestId.run(`chunk-${number}`, async () => {
              const answer = await summarise(chunk);
              seen.push(`chunk-${number} ${requestId.get()}`);
              return answer;
            }),
        ),
      );
      const makespanMs = clock.now() - startMs;
      const late = await subject
        .withDeadline(DEADLINE_MS, (signal) => create(ENDLESS, signal))
        .then(() => 'an answer', nameOf);
      return { answers, seen, makespanMs, late };
    }),
  readings({ traffic, quote, ledger, outcome }) {
    const quoted = (chunk: string) => quote('openai', body(promptFor(chunk))).totalMs;
    const distinct = [...new Set(traffic)];
    const durations = distinct.map(quoted);
    const summaries = ledger.calls.filter((call) => call.prompt !== ENDLESS);
    return {
      makespan: {
        unit: 'ms',
        better: 'lower',
        value: outcome.value.makespanMs,
        target: withSharedCalls(traffic, quoted) * 1.15,
        limit: Math.max(sum(durations) / LIMIT, ...durations),
      },
      // A call for each different chunk; nothing less knows all answers.
      'calls for 24 chunks': {
        unit: 'calls',
        better: 'lower',
        value: summaries.length,
        target: distinct.length,
        limit: distinct.length,
      },
    };
  },
});

/** Makespan when tasks start in order on the place that is free first, and equal chunks wait for the same call. */
function withSharedCalls(chunks: readonly string[], durationOf: (chunk: string) => number): number {
  const freeAtMs = Array.from({ length: LIMIT }, () => 0);
  const answeredMs = new Map<string, number>();
  for (const chunk of chunks) {
    const place = freeAtMs.indexOf(Math.min(...freeAtMs));
    const startMs = freeAtMs[place] ?? 0;
    const endMs = answeredMs.get(chunk) ?? startMs + durationOf(chunk);
    answeredMs.set(chunk, endMs);
    freeAtMs[place] = Math.max(startMs, endMs);
  }
  return Math.max(...freeAtMs);
}
