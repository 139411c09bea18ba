import { openAiErrors, type Refusal } from '../errors.ts';
import type { Model } from '../models.ts';
import type { ChatBody } from './chat-body.ts';
import { breakpointsOf } from './prompt.ts';
import { effortOf } from './reasoning.ts';
import { tierOf } from './tier.ts';

/** Through which door a request came: the same rule is refused in other words. */
export type TextEndpoint = 'chat' | 'responses';

/**
 * What this model refuses although others take it. The rules of each family are the catalogue's; the words are those that
 * users of the API have reported (November 2026): llmcomp 69, software-agent-sdk 1837, onyx 15008.
 */
export function findModelProblem(
  body: ChatBody,
  model: Model,
  name: string,
  endpoint: TextEndpoint,
): Refusal | undefined {
  return (
    findTierProblem(body, model, name) ??
    findCacheProblem(body, model, name) ??
    findEffortProblem(body, model, endpoint) ??
    findCapProblem(body, model, endpoint) ??
    findSamplingProblem(body, model, endpoint) ??
    findPredictionProblem(body, model) ??
    (endpoint === 'chat' ? findToolsProblem(body, model, name) : undefined)
  );
}

// --- the rules ---------------------------------------------------------------------------------------------------

/** Which older models were sold on fast terms the catalogue does not say, so that is not the vendor's refusal. */
function findTierProblem({ service_tier }: ChatBody, { tiers }: Model, name: string): Refusal | undefined {
  const tier = tierOf(service_tier);
  if (tier === 'standard' || tiers[tier] !== undefined) return undefined;
  return tier === 'flex'
    ? openAiErrors.unsupportedValue('service_tier', "'flex'", 'Flex processing is not available for it.')
    : openAiErrors.notSimulated(`service_tier "${service_tier}" with ${name}, which has no price for it`);
}

/**
 * Older families know no breakpoints (synthorai, dev.to; the words: Kilo-Org/kilocode#13052, SparkyFitness#2199), GPT-5.5 and
 * later only the 24-hour policy (community.openai.com 1387096), and a lifetime goes with no policy (langchain4j 1.21).
 */
function findCacheProblem(body: ChatBody, model: Model, name: string): Refusal | undefined {
  const { prompt_cache_options: options, prompt_cache_retention: retention } = body;
  const marks = breakpointsOf(body);
  if (model.promptCache !== 'breakpoint') {
    if (options != null) return notOnThisModel('prompt_cache_options');
    if (marks.length > 0) return notOnThisModel('prompt_cache_breakpoint');
  }
  if (retention != null) {
    const asked = retention === '24h' ? '24h' : 'in_memory';
    if (options?.ttl != null)
      return openAiErrors.badRequest(NOT_BOTH, 'prompt_cache_retention', 'invalid_parameter');
    if (!model.cacheRetention.includes(asked))
      return asked === '24h'
        ? notOnThisModel('prompt_cache_retention')
        : openAiErrors.badRequest(ONLY_24H, 'prompt_cache_retention', 'invalid_parameter');
  }
  const unsold = [options?.ttl, ...marks.map(({ ttl }) => ttl)].find(
    (ttl) => ttl != null && !model.cacheLifetimes.includes(ttl),
  );
  if (unsold === undefined) return undefined;
  return openAiErrors.notSimulated(`a cache lifetime of "${unsold}" with ${name}, which has no price for it`);
}

const ONLY_24H = 'This model is compatible only with 24h extended prompt caching';
const NOT_BOTH =
  "Mutually exclusive parameters: 'prompt_cache_retention' and 'prompt_cache_options.ttl' cannot be used together.";

function notOnThisModel(param: string): Refusal {
  return openAiErrors.badRequest(`${param} is not supported on this model`, param, 'invalid_parameter');
}

function findEffortProblem(
  { reasoning_effort: asked }: ChatBody,
  { efforts, maxInChat = true }: Model,
  endpoint: TextEndpoint,
): Refusal | undefined {
  if (asked == null) return undefined;
  const param = endpoint === 'chat' ? 'reasoning_effort' : 'reasoning.effort';
  if (efforts.length === 0)
    return endpoint === 'chat'
      ? openAiErrors.badRequest('Unrecognized request argument supplied: reasoning_effort', null)
      : openAiErrors.unsupportedParameter(param, '');
  const taken = endpoint === 'chat' && !maxInChat ? efforts.filter((effort) => effort !== 'max') : efforts;
  if ((taken as readonly string[]).includes(asked)) return undefined;
  const quoted = taken.map((each) => `'${each}'`);
  const list = `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
  return openAiErrors.unsupportedValue(param, `'${asked}'`, `Supported values are: ${list}.`);
}

function findCapProblem(
  { max_tokens }: ChatBody,
  { outputCap }: Model,
  endpoint: TextEndpoint,
): Refusal | undefined {
  if (endpoint === 'responses' || max_tokens == null || outputCap === 'max_tokens') return undefined;
  return openAiErrors.unsupportedParameter('max_tokens', "Use 'max_completion_tokens' instead.");
}

/**
 * What steers the choice of words is taken only where nothing is thought. Penalties: RouterBase, dev.to, 19 November 2026, on
 * 6.2, and nextai-translator#1781 on a model of GPT-5. Stop words: bolna-ai/bolna#1019 on gpt-6-astra; of a model that thinks by choice nothing was found. The o-series knows no temperature at all
 * (eva-agent#83).
 */
function findSamplingProblem(body: ChatBody, model: Model, endpoint: TextEndpoint): Refusal | undefined {
  const thinks = effortOf(body.reasoning_effort, model) !== 'none';
  if (model.sampling === 'always' || (model.sampling === 'effort-none' && !thinks)) return undefined;
  const unknown = (param: string) => openAiErrors.unsupportedParameter(param, '');
  const param = (['temperature', 'top_p'] as const).find((each) => body[each] != null && body[each] !== 1);
  if (param !== undefined) {
    if (endpoint === 'responses') return { ...unknown(param), code: null };
    return model.samplingIsUnknown
      ? unknown(param)
      : openAiErrors.unsupportedValue(param, body[param], 'Only the default (1) value is supported.');
  }
  const penalty = (['frequency_penalty', 'presence_penalty'] as const).find((each) => body[each]);
  if (penalty) return unknown(penalty);
  if (body.logprobs) return unknown(endpoint === 'chat' ? 'logprobs' : 'top_logprobs');
  return body.stop != null && !model.efforts.includes('none') ? unknown('stop') : undefined;
}

/** Models that think take no predicted outputs (BerriAI/litellm#21576, by direct calls); of the others they are not played. */
function findPredictionProblem({ prediction }: ChatBody, { efforts }: Model): Refusal | undefined {
  if (prediction == null) return undefined;
  return efforts.length > 0
    ? openAiErrors.unsupportedParameter('prediction', '')
    : openAiErrors.notSimulated('prediction');
}

/**
 * A request without an effort is judged by what the model does by itself. `none` is offered by models that have no `none`
 * too (foundry-dev-tools#779); GPT-5.4 did not offer it (pipecat#4043).
 */
function findToolsProblem(body: ChatBody, model: Model, name: string): Refusal | undefined {
  if (body.tools === undefined || model.toolsInChat === 'always') return undefined;
  if (model.toolsInChat === 'effort-none' && effortOf(body.reasoning_effort, model) === 'none')
    return undefined;
  const how = body.reasoning_effort === 'none' ? '' : " or set reasoning_effort to 'none'";
  const way =
    model.promptCache === 'prefix'
      ? 'Please use /v1/responses instead.'
      : `To use function tools, use /v1/responses${how}.`;
  const text = `Function tools with reasoning_effort are not supported for ${name} in /v1/chat/completions. ${way}`;
  return openAiErrors.badRequest(text, 'reasoning_effort');
}
