import type { Stragglers } from './latency.ts';
import {
  findModel,
  type LatencyProfile,
  MODEL_NAMES,
  type Model,
  type ModelName,
  modelFor,
  ROLES,
  type Role,
} from './models.ts';
import type { ModelPrice } from './money.ts';
import type { AnswerLength } from './text.ts';

/** One deployment: a model behind a name, with its own limits. At OpenAI the name is the model's, or its role's. */
export interface DeploymentPlan {
  /** Who is asked for; which model that is the catalogue says. Default: the deployment's own name, where it is a role. */
  role?: Role;
  /** A model by name, for what is about that model alone. */
  model?: ModelName;
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
  /** Requests and tokens a minute. Default: no limit, and no rate headers. */
  quota?: QuotaPlan;
  /** Capacity, slow-down and queue. Default: as fast for a thousand calls as for one. */
  load?: LoadPlan;
  /** `false` switches the prompt cache off. Default: on for models whose vendor has one. */
  promptCache?: PromptCachePlan | false;
  /** Azure only: the content filter runs beside the answer and sends chunks of its own. Default: false. */
  asyncFilter?: boolean;
  /** Tokens that go into one chunk of a stream, as behind a gateway or a filter that buffers. Default: 1. */
  chunkTokens?: number;
}

export interface QuotaPlan {
  requestsPerMin?: number;
  /** Counted by estimate on arrival: characters of the prompt / 4, and the output cap asked for. */
  tokensPerMin?: number;
  /**
   * Requests are also judged over slices of this length: a burst is refused although the minute has room. Default: 10 s
   * at Azure, none at OpenAI.
   */
  sliceMs?: number;
  /** False: a 429 comes without rate headers, as some real ones do (openai/openai-node#1477). Default: true. */
  headersOn429?: boolean;
  /** True: refused requests use up the quota of requests too. Default: false. */
  chargeRefused?: boolean;
}

export interface LoadPlan {
  /** Calls that run at one time; from 1. */
  capacity: number;
  /** How many times longer a call takes when all places are taken; it grows linearly from 1. Default: 2. */
  slowdown?: number;
  /** Calls that wait for a place; one more is answered with 503. Default: 1000. */
  queue?: number;
}

export interface PromptCachePlan {
  /** A prefix is forgotten when nobody used it for so long. Default: 5 minutes (30 with breakpoints). */
  idleMs?: number;
  /** It is forgotten in any case after so long. Default: one hour. */
  maxAgeMs?: number;
  /** Requests a minute with one prefix and key that go to one machine; more go to others, which start cold. Default: 15. */
  spillPerMin?: number;
  /** `breakpoint` is the regime of GPT-5.6 and later, with a fee for writing. Default: the model's. */
  regime?: 'prefix' | 'breakpoint';
  /**
   * With breakpoints: what is found again of a prompt in which the caller marked nothing. Reports disagree. `whole`: the
   * whole prompt or nothing, so that a changed tail reads nothing (OpenAI's guide; openai/codex#35300, bifrost#6699).
   * `messages`: up to the last message that is the same (BerriAI/litellm#37628). Both write all the rest. Default:
   * `whole`, the stricter one.
   */
  implicit?: 'whole' | 'messages';
}

export interface ProviderPlan {
  deployments: Record<string, DeploymentPlan>;
  /** Prices by model, in place of the dated price file's. */
  prices?: Record<string, ModelPrice>;
  /** Services billed by the unit, by name. */
  services?: Record<string, ServicePlan>;
  /** How long batches take. */
  batch?: BatchPlan;
}

/** A service that counts units: seconds of video, requests over a free tier. */
export interface ServicePlan {
  /** What is counted, in the singular: `second`, `request`. */
  unit: string;
  usdPerUnit: number;
  /** Units that cost nothing, counted from the start of the run. Default: 0. */
  freeUnits?: number;
  /** How long a request takes, at the median. Default: 200. */
  medianMs?: number;
}

export interface BatchPlan {
  /** Time from creation to completion, at the median. Default: 40 minutes. */
  medianMs?: number;
  /** The same for one batch in twenty. Default: 6 hours. Past 24 hours a batch expires. */
  p95Ms?: number;
}

/** A deployment with everything decided. */
export interface Deployment {
  name: string;
  model: ModelName;
  vendor: 'openai' | 'azure';
  maxConcurrent: number;
  answers: AnswerLength;
  latency: LatencyProfile;
  stragglers: Stragglers | undefined;
  quota: QuotaPlan | undefined;
  load: Required<LoadPlan> | undefined;
  promptCache: Required<PromptCachePlan> | undefined;
  asyncFilter: boolean;
  chunkTokens: number;
}

const ANSWERS: AnswerLength = { medianTokens: 60, p95Tokens: 180 };
/** Azure starts later and streams faster than OpenAI with the same model (Artificial Analysis provider pages). */
const AZURE = { ttft: 1.6, output: 1.3 };
const AZURE_SLICE_MS = 10_000;
const MINUTE_MS = 60_000;

/** A provider's deployments, checked. Used in each day's `provider.ts`. */
export function defineProvider(plan: ProviderPlan): ProviderPlan {
  for (const [name, deployment] of Object.entries(plan.deployments)) resolveDeployment(name, deployment);
  return plan;
}

/** Fills in the defaults. Throws with what was expected where a value makes no sense. */
export function resolveDeployment(name: string, plan: DeploymentPlan): Deployment {
  const { vendor = 'openai', maxConcurrent = Number.POSITIVE_INFINITY, answers = ANSWERS, stragglers } = plan;
  const { role = ROLES.find((each) => each === name) } = plan;
  const modelName = plan.model ?? (role && modelFor(role));
  const model = modelName && findModel(modelName);
  if (!model) throw wrong(name, 'model', `one of ${MODEL_NAMES.join(', ')}`, modelName);
  if (vendor === 'openai' && name !== modelName && name !== role)
    throw wrong(
      name,
      'name',
      `"${modelName}" or its role, because OpenAI routes by model name (or vendor: 'azure')`,
      name,
    );
  checkNumbers(name, plan);
  const base = vendor === 'azure' ? onAzure(model.latency) : model.latency;
  return {
    name: vendor === 'openai' ? modelName : name,
    model: modelName,
    vendor,
    maxConcurrent,
    answers,
    stragglers,
    latency: { ...base, ...plan.latency },
    quota: plan.quota && resolveQuota(plan.quota, vendor),
    load: plan.load && { slowdown: 2, queue: 1000, ...plan.load },
    promptCache: resolveCache(model, plan.promptCache),
    asyncFilter: plan.asyncFilter ?? false,
    chunkTokens: plan.chunkTokens ?? 1,
  };
}

function checkNumbers(name: string, plan: DeploymentPlan): void {
  const { maxConcurrent = 1, answers = ANSWERS, stragglers, quota = {}, load, chunkTokens = 1 } = plan;
  if (!(maxConcurrent >= 1)) throw wrong(name, 'maxConcurrent', 'a number from 1', maxConcurrent);
  if (!(chunkTokens >= 1)) throw wrong(name, 'chunkTokens', 'a number from 1', chunkTokens);
  if (stragglers && !(stragglers.share >= 0 && stragglers.share <= 1 && stragglers.factor >= 1))
    throw wrong(name, 'stragglers', 'a share from 0 to 1 and a factor from 1', JSON.stringify(stragglers));
  if (!(answers.medianTokens >= 1 && answers.p95Tokens >= answers.medianTokens))
    throw wrong(name, 'answers', 'medianTokens from 1 and p95Tokens no smaller', JSON.stringify(answers));
  for (const field of ['requestsPerMin', 'tokensPerMin', 'sliceMs'] as const) {
    const value = quota[field];
    if (value !== undefined && !(value >= 1)) throw wrong(name, `quota.${field}`, 'a number from 1', value);
  }
  if (load && !(load.capacity >= 1)) throw wrong(name, 'load.capacity', 'a number from 1', load.capacity);
  if (load && !((load.slowdown ?? 1) >= 1))
    throw wrong(name, 'load.slowdown', 'a number from 1', load.slowdown);
  for (const [field, value] of Object.entries(plan.latency ?? {}))
    if (!(value > 0)) throw wrong(name, `latency.${field}`, 'a number above 0', value);
}

function resolveQuota(quota: QuotaPlan, vendor: 'openai' | 'azure'): QuotaPlan {
  if (vendor === 'openai') return quota;
  // Azure derives the one limit from the other: 6 requests a minute per 1,000 tokens a minute.
  const { tokensPerMin } = quota;
  const requestsPerMin = tokensPerMin && Math.max(1, Math.round((tokensPerMin * 6) / 1000));
  return { sliceMs: AZURE_SLICE_MS, ...(requestsPerMin && { requestsPerMin }), ...quota };
}

function resolveCache(
  model: Model,
  plan: PromptCachePlan | false | undefined,
): Required<PromptCachePlan> | undefined {
  const regime = (plan || undefined)?.regime ?? model.promptCache;
  if (plan === false || regime === 'none') return undefined;
  const idleMs = (regime === 'breakpoint' ? 30 : 5) * MINUTE_MS;
  return { idleMs, maxAgeMs: 60 * MINUTE_MS, spillPerMin: 15, implicit: 'whole', ...plan, regime };
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
