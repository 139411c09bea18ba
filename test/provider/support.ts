import {
  type DeploymentPlan,
  defineScenario,
  type ProviderPlan,
  type Run,
  type Scenario,
  type World,
} from '#lib/provider';
import { simulate } from '../../lib/provider/scenario.ts';

/** OpenAI's gpt-4o-mini and a gpt-4o deployment at Azure, with nothing special about them. */
export const PLAIN: Record<string, DeploymentPlan> = {
  'gpt-4o-mini': { model: 'gpt-4o-mini' },
  prod: { model: 'gpt-5.4-mini', vendor: 'azure' },
};

export type Options<V> = Partial<Pick<Scenario<null, null, V>, 'faults' | 'answer'>> & {
  deployments?: Record<string, DeploymentPlan>;
  provider?: ProviderPlan;
  seed?: number;
  time?: 'virtual' | 'real';
};

/** Runs `body` against the simulated provider. Throws what the body throws. */
export async function run<V>(
  body: (world: World<null>) => Promise<V>,
  { deployments = PLAIN, provider = { deployments }, seed = 1, time = 'virtual', ...parts }: Options<V> = {},
): Promise<Run<null, V> & { value: V }> {
  const scenario = defineScenario<null, null, V>({
    provider,
    traffic: () => null,
    play: (_subject, world) => body(world),
    ...parts,
  });
  const done = await simulate(scenario, null, { seed, time });
  if (!done.outcome.ok) throw done.outcome.error;
  return { ...done, value: done.outcome.value };
}

/** A chat request of one user message. */
export function ask(content: string, model = 'gpt-4o-mini') {
  return { model, messages: [{ role: 'user' as const, content }] };
}
