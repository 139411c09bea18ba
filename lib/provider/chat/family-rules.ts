import { openAiErrors, type Refusal } from '../errors.ts';
import type { Model } from '../models.ts';
import type { ChatBody } from './chat-body.ts';
import { effortOf } from './reasoning.ts';

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
    findTierProblem(body, model) ??
    findCacheProblem(body, model, name) ??
    findEffortProblem(body, model, endpoint) ??
    findCapProblem(body, model, endpoint) ??
    findSamplingProblem(body, model, endpoint) ??
    (endpoint === 'chat' ? findToolsProblem(body, model, name) : undefined)
  );
}

// --- the rules ---------------------------------------------------------------------------------------------------

function findTierProblem({ service_tier }: ChatBody, { tiers }: Model): Refusal | undefined {
  if (service_tier !== 'flex' || tiers.flex !== undefined) return undefined;
  return openAiErrors.unsupportedValue('service_tier', "'flex'", 'Flex processing is not available for it.');
}

/**
 * The older families know no breakpoints (synthorai, dev.to; one report). GPT-5.6 and later have the 24-hour policy only, in
 * the words of community.openai.com 1387096.
 */
function findCacheProblem(
  { prompt_cache_options: options, prompt_cache_retention: retention }: ChatBody,
  { promptCache, cacheLifetimes }: Model,
  name: string,
): Refusal | undefined {
  if (promptCache !== 'breakpoint')
    return options == null ? undefined : openAiErrors.unsupportedParameter('prompt_cache_options', '');
  if (retention === 'in_memory')
    return openAiErrors.badRequest(
      'This model is compatible only with 24h extended prompt caching',
      'prompt_cache_retention',
      'invalid_parameter',
    );
  const { ttl } = (options ?? {}) as { ttl?: string };
  if (ttl === undefined || cacheLifetimes.includes(ttl)) return undefined;
  return openAiErrors.notSimulated(
    `prompt_cache_options.ttl "${ttl}" with ${name}, which has no price for it`,
  );
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

function findSamplingProblem(body: ChatBody, model: Model, endpoint: TextEndpoint): Refusal | undefined {
  const thinks = effortOf(body.reasoning_effort, model) !== 'none';
  if (model.sampling === 'always' || (model.sampling === 'effort-none' && !thinks)) return undefined;
  const param = (['temperature', 'top_p'] as const).find((each) => body[each] != null && body[each] !== 1);
  if (param === undefined) return undefined;
  return endpoint === 'chat'
    ? openAiErrors.unsupportedValue(param, body[param], 'Only the default (1) value is supported.')
    : { ...openAiErrors.unsupportedParameter(param, ''), code: null };
}

/** A request without an effort is judged by what the model does by itself. */
function findToolsProblem(body: ChatBody, model: Model, name: string): Refusal | undefined {
  if (body.tools === undefined || model.toolsInChat === 'always') return undefined;
  if (model.toolsInChat === 'effort-none' && effortOf(body.reasoning_effort, model) === 'none')
    return undefined;
  const how = model.toolsInChat === 'effort-none' ? " or set reasoning_effort to 'none'" : '';
  const text =
    `Function tools with reasoning_effort are not supported for ${name} in /v1/chat/completions. ` +
    `To use function tools, use /v1/responses${how}.`;
  return openAiErrors.badRequest(text, 'reasoning_effort');
}
