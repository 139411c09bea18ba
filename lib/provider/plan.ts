import type { Stragglers } from './latency.ts';
import { findModel, type LatencyProfile, MODEL_NAMES, type ModelName } from './models.ts';
import type { AnswerLength } from './text.ts';

/** One deployment: a model behind a name, with its own limits. At OpenAI the name is the model's. */
export interface DeploymentPlan {
  model: ModelName;
  /** Default `openai`. */
  vendor?: 'openai' | 'azure';
  /** Most calls at one time; one more is refused with 429. Default: no limit. */
  maxConcurrent?: number;
  /** Overrides of the model's latency profile. */
  latency?: Partial<LatencyProfile>;
  /** A share of calls that take several times longer. Default: none. */
  stragglers?: Stragglers;
  /** How long answers are when the scenario does not write them. Default: median 60 tokens, p95 180. */
  answers?: AnswerLength;
}

export interface ProviderPlan {
  deployments: Record<string, DeploymentPlan>;
}

/** A deployment with everything decided. */
export interface Deployment extends Required<Omit<DeploymentPlan, 'latency' | 'stragglers'>> {
  name: string;
  latency: LatencyProfile;
  stragglers: Stragglers | undefined;
}

const ANSWERS: AnswerLength = { medianTokens: 60, p95Tokens: 180 };
/** Azure starts later and streams faster than OpenAI with the same model (Artificial Analysis provider pages). */
const AZURE = { ttft: 1.6, output: 1.3 };

/** A provider's deployments, checked. Used in each day's `provider.ts`. */
export function defineProvider(plan: ProviderPlan): ProviderPlan {
  for (const [name, deployment] of Object.entries(plan.deployments)) resolveDeployment(name, deployment);
  return plan;
}

/** Fills in the defaults. Throws with what was expected where a value makes no sense. */
export function resolveDeployment(name: string, plan: DeploymentPlan): Deployment {
  const { vendor = 'openai', maxConcurrent = Number.POSITIVE_INFINITY, answers = ANSWERS, stragglers } = plan;
  const model = findModel(plan.model);
  if (!model) throw wrong(name, 'model', `one of ${MODEL_NAMES.join(', ')}`, plan.model);
  if (vendor === 'openai' && name !== plan.model)
    throw wrong(
      name,
      'name',
      `"${plan.model}", because OpenAI routes by model name (or vendor: 'azure')`,
      name,
    );
  if (!(maxConcurrent >= 1)) throw wrong(name, 'maxConcurrent', 'a number from 1', maxConcurrent);
  if (stragglers && !(stragglers.share >= 0 && stragglers.share <= 1 && stragglers.factor >= 1))
    throw wrong(name, 'stragglers', 'a share from 0 to 1 and a factor from 1', JSON.stringify(stragglers));
  if (!(answers.medianTokens >= 1 && answers.p95Tokens >= answers.medianTokens))
    throw wrong(name, 'answers', 'medianTokens from 1 and p95Tokens no smaller', JSON.stringify(answers));
  const base = vendor === 'azure' ? onAzure(model.latency) : model.latency;
  return {
    name,
    model: plan.model,
    vendor,
    maxConcurrent,
    answers,
    stragglers,
    latency: { ...base, ...plan.latency },
  };
}

function onAzure(latency: LatencyProfile): LatencyProfile {
  return {
    ...latency,
    ttftMs: latency.ttftMs * AZURE.ttft,
    outputPerSec: latency.outputPerSec * AZURE.output,
  };
}

function wrong(name: string, field: string, expected: string, received: unknown): Error {
  return new Error(`Deployment "${name}": ${field} must be ${expected}; received ${String(received)}.`);
}
