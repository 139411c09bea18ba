import { goDuration } from './duration.ts';

/** An error answer, before it takes the shape of a vendor's body. */
export interface Refusal {
  status: number;
  code: string | null;
  type: string | null;
  param: string | null;
  message: string;
  /** Told to the client as `retry-after` and `retry-after-ms`. */
  retryAfterMs?: number;
  /** Further members of Azure's error object. */
  extra?: Record<string, unknown>;
}

/**
 * Bodies as OpenAI sends them: `{ error: { message, type, param, code } }`, all four keys always there (OpenAPI
 * description 2.3.0). The wording is that of bodies quoted in public issue trackers.
 */
export const openAiErrors = {
  badKey: (key: string): Refusal => ({
    ...invalid('invalid_api_key'),
    status: 401,
    message: `Incorrect API key provided: ${maskKey(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
  }),
  noKey: (): Refusal => ({
    ...invalid(null),
    status: 401,
    message:
      "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with blank username) if you're accessing the API from your browser and are prompted for a username and password. You can obtain an API key from https://platform.openai.com/account/api-keys.",
  }),
  unknownModel: (model: string): Refusal => ({
    ...invalid('model_not_found'),
    status: 404,
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
  }),
  wrongModel: (model: string, route: string): Refusal => ({
    ...invalid('model_not_found'),
    status: 404,
    param: 'model',
    message: `The model \`${model}\` is not supported on the route ${route}.`,
  }),
  unknownUrl: (method: string, path: string): Refusal => ({
    ...invalid('unknown_url'),
    status: 404,
    message: `Invalid URL (${method} ${path}). This route is not simulated by the workbook's provider.`,
  }),
  wrongMethod: (method: string, path: string): Refusal => ({
    ...invalid(null),
    status: 405,
    message: `Not allowed to ${method} on ${path}. (HINT: Perhaps you meant to make your HTTP request using a different HTTP method?)`,
  }),
  notFound: (message: string, param: string | null = null): Refusal => ({
    ...invalid(null),
    status: 404,
    param,
    message,
  }),
  badRequest: (message: string, param: string | null, code: string | null = null): Refusal => ({
    ...invalid(code),
    param,
    message,
  }),
  unsupportedParameter: (param: string, instead: string): Refusal => ({
    ...invalid('unsupported_parameter'),
    param,
    message: `Unsupported parameter: '${param}' is not supported with this model. ${instead}`.trim(),
  }),
  unsupportedValue: (param: string, value: unknown, why: string): Refusal => ({
    ...invalid('unsupported_value'),
    param,
    message: `Unsupported value: '${param}' does not support ${String(value)} with this model. ${why}`.trim(),
  }),
  notSimulated: (param: string): Refusal => ({
    ...invalid('not_simulated'),
    param,
    message: `'${param}' is not simulated by this workbook's provider.`,
  }),
  contextLength: (limit: number, input: number, output: number): Refusal => ({
    ...invalid('context_length_exceeded'),
    param: 'messages',
    message:
      `This model's maximum context length is ${limit} tokens. However, you requested ${input + output} tokens ` +
      `(${input} in the messages, ${output} in the completion). Please reduce the length of the messages or completion.`,
  }),
  /** The words of Chat Completions: cline/cline#5474. Those of Responses: earendil-works/pi#3641. */
  inputTooLong: (endpoint: 'chat' | 'responses', limit: number, input: number): Refusal => ({
    ...invalid('context_length_exceeded'),
    ...(endpoint === 'chat'
      ? {
          param: 'messages',
          message: `Input tokens exceed the configured limit of ${limit} tokens. Your messages resulted in ${input} tokens. Please reduce the length of the messages.`,
        }
      : {
          param: 'input',
          message:
            'Your input exceeds the context window of this model. Please adjust your input and try again.',
        }),
  }),
  invalidPrompt: (): Refusal => ({
    ...invalid('invalid_prompt'),
    message:
      'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
  }),
  /** `detail` names the limit and its numbers. Without a wait, waiting never helps. */
  rateLimit: (model: string, type: 'requests' | 'tokens', detail: string, waitMs?: number): Refusal => ({
    status: 429,
    type,
    code: 'rate_limit_exceeded',
    param: null,
    message:
      waitMs === undefined
        ? `Request too large for ${model} in organization ${ORGANIZATION} ${detail}. The input or output tokens must be reduced in order to run successfully. Visit ${LIMITS_PAGE} to learn more.`
        : `Rate limit reached for ${model} in organization ${ORGANIZATION} ${detail}. Please try again in ${goDuration(waitMs)}. Visit ${LIMITS_PAGE} to learn more.`,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  }),
  /** Status and message are the flex guide's; nobody has shown the rest of the body. */
  resourceUnavailable: (): Refusal => ({
    status: 429,
    type: 'resource_unavailable',
    code: 'resource_unavailable',
    param: null,
    message: 'Resource Unavailable',
  }),
  insufficientQuota: (): Refusal => ({
    status: 429,
    type: 'insufficient_quota',
    code: 'insufficient_quota',
    param: null,
    message:
      'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  }),
  timeout: (): Refusal => ({
    status: 408,
    type: 'server_error',
    code: null,
    param: null,
    message:
      'Timed out generating response. Please try again with a shorter prompt or with `max_tokens` set to a lower value.',
  }),
  serverError: (retryAfterMs?: number): Refusal => ({
    ...serverFault(500, retryAfterMs),
    message: 'The server had an error while processing your request. Sorry about that.',
  }),
  overloaded: (retryAfterMs?: number): Refusal => ({
    ...serverFault(503, retryAfterMs),
    message: 'The engine is currently overloaded, please try again later.',
  }),
};

/** Bodies as Azure OpenAI sends them, where they differ. */
export const azureErrors = {
  badKey: (): Refusal => ({
    ...bare(401, '401'),
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  }),
  unknownDeployment: (): Refusal => ({
    ...bare(404, 'DeploymentNotFound'),
    message:
      'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
  }),
  noApiVersion: (): Refusal => ({ ...bare(404, '404'), message: 'Resource not found' }),
  badApiVersion: (): Refusal => ({ ...bare(400, 'BadRequest'), message: 'API version not supported' }),
  rateLimit: (waitMs: number): Refusal => ({
    ...bare(429, '429'),
    message: `Rate limit is exceeded. Try again in ${Math.ceil(waitMs / 1000)} seconds.`,
    retryAfterMs: waitMs,
  }),
  /** A prompt that the filter blocks: never an outage, so never worth a retry. */
  blockedPrompt: (): Refusal => ({
    ...bare(400, 'content_filter'),
    param: 'prompt',
    message:
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. To learn more about our content filtering policies please read our documentation: https://go.microsoft.com/fwlink/?linkid=2198766",
    extra: {
      type: null,
      param: 'prompt',
      status: 400,
      innererror: {
        code: 'ResponsibleAIPolicyViolation',
        content_filter_result: {
          hate: { filtered: false, severity: 'safe' },
          jailbreak: { filtered: false, detected: false },
          self_harm: { filtered: false, severity: 'safe' },
          sexual: { filtered: false, severity: 'safe' },
          violence: { filtered: true, severity: 'medium' },
        },
      },
    },
  }),
};

const ORGANIZATION = 'org-workbook';
const LIMITS_PAGE = 'https://platform.openai.com/account/rate-limits';

function invalid(code: string | null): Omit<Refusal, 'message'> {
  return { status: 400, type: 'invalid_request_error', code, param: null };
}

function serverFault(status: number, retryAfterMs?: number): Omit<Refusal, 'message'> {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { status, type: 'server_error', code: null, param: null, ...wait };
}

function bare(status: number, code: string): Omit<Refusal, 'message'> {
  return { status, code, type: null, param: null };
}

/** A key as vendors show it: the first and last few characters. */
export function maskKey(key: string): string {
  return key.length <= 8 ? '*'.repeat(key.length) : `${key.slice(0, 5)}${'*'.repeat(8)}${key.slice(-3)}`;
}
