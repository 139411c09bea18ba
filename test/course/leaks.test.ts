import { expect, test } from 'vitest';
import { provider } from '../../days/day1-latency/provider.ts';
import { defineScenario } from '../../lib/provider/index.ts';
import { simulate } from '../../lib/provider/scenario.ts';

type Subject = () => unknown;

const scenario = defineScenario({
  provider,
  traffic: () => null,
  play: async (subject: Subject) => subject(),
});

/** What a subject could leave behind in the process. */
function traces() {
  return {
    fetch: globalThis.fetch,
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    setImmediate: globalThis.setImmediate,
    Date: globalThis.Date,
    now: performance.now,
    timeout: AbortSignal.timeout,
    hrtime: process.hrtime,
    rejections: process.listeners('unhandledRejection').length,
  };
}

const endings: [string, Subject][] = [
  ['returns', () => 1],
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  ['never settles', () => new Promise(() => {})],
  ['leaves a timer running', () => void setInterval(() => {}, 1000)],
  ['leaves a rejection unhandled', () => void Promise.reject(new Error('nobody listens'))],
  [
    'leaves a call running',
    () => void fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}' }),
  ],
];

for (const [how, subject] of endings) {
  test(`a subject that ${how} leaves the process as it was`, async () => {
    const before = traces();
    await simulate(scenario, subject, { seed: 1 });
    expect(traces()).toEqual(before);
  });
}

test('a timer that one subject leaves never fires for the next', async () => {
  let ticks = 0;
  await simulate(
    scenario,
    () =>
      void setInterval(() => {
        ticks += 1;
      }, 1000),
    { seed: 1 },
  );
  const atTheEnd = ticks;
  await simulate(scenario, () => new Promise((resolve) => setTimeout(resolve, 60_000)), { seed: 1 });
  expect(ticks).toBe(atTheEnd);
});

test('a run tells of the rejections that nobody handled', async () => {
  const run = await simulate(scenario, () => void Promise.reject(new Error('nobody listens')), { seed: 1 });
  expect(run.unhandled.map(String)).toEqual(['Error: nobody listens']);
});

test('the same subject gives the same figures a second time', async () => {
  const subject = async () => {
    const startMs = performance.now();
    await fetch('https://example.com/').catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 250));
    return { elapsedMs: performance.now() - startMs, date: new Date().toISOString() };
  };
  const first = await simulate(scenario, subject, { seed: 1 });
  const second = await simulate(scenario, subject, { seed: 1 });
  expect(second.outcome).toEqual(first.outcome);
  expect(first.outcome).toEqual({ ok: true, value: { elapsedMs: 250, date: '2026-01-05T09:00:00.250Z' } });
});
