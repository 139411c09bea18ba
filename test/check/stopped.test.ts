import { expect, test } from 'vitest';
import { defineScenario, simulate, type World } from '../../lib/provider/scenario.ts';

type Subject = (world: World<undefined>) => Promise<unknown>;

const scenario = defineScenario<Subject, undefined, unknown>({
  provider: { deployments: { small: {} } },
  traffic: () => undefined,
  play: (subject, world) => subject(world),
});

async function toldOf(subject: Subject): Promise<string> {
  const { outcome } = await simulate(scenario, subject, { seed: 1 });
  return outcome.ok ? 'it ended' : String(outcome.error);
}

test('code that waits for ever is told what it had done by then', async () => {
  const ask = ({ openai, model }: World<undefined>) =>
    openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello?' }] });
  const told = await toldOf(async (world) => {
    await Promise.all([ask(world), ask(world)]);
    await new Promise(() => {});
  });
  expect(told).toMatch(/waits for something that never comes.* By then it had made 2 calls\.$/);
});

test('code that polls for ever is told how often, for how long, and what it had done by then', async () => {
  const told = await toldOf(async () => {
    for (;;) await new Promise((resolve) => setTimeout(resolve, 60_000));
  });
  expect(told).toMatch(/after 48 h of virtual time and 2,881 timers .* By then it had made no calls\.$/);
});
