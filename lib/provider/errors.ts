/** An error answer, before it takes the shape of a vendor's body. */
export interface Refusal {
  status: number;
  code: string | null;
  type: string | null;
  param: string | null;
  message: string;
  /** Told to the client as `retry-after` and `retry-after-ms`. */
  retryAfterMs?: number;
}

/**
 * Bodies as OpenAI sends them: `{ error: { message, type, param, code } }`, all four keys always there (OpenAPI
 * description 2.3.0). The wording is that of bodies quoted in public issue trackers.
 */
export const openAiErrors = {
  badKey: (key: string): Refusal => ({
    status: 401,
    type: 'invalid_request_error',
    code: 'invalid_api_key',
    param: null,
    message: `Incorrect API key provided: ${maskKey(key)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
  }),
  unknownModel: (model: string): Refusal => ({
    status: 404,
    type: 'invalid_request_error',
    code: 'model_not_found',
    param: null,
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
  }),
  badRequest: (message: string, param: string | null): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    code: null,
    param,
    message,
  }),
  contextLength: (limit: number, input: number, output: number): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    code: 'context_length_exceeded',
    param: 'messages',
    message:
      `This model's maximum context length is ${limit} tokens. However, you requested ${input + output} tokens ` +
      `(${input} in the messages, ${output} in the completion). Please reduce the length of the messages or completion.`,
  }),
  invalidPrompt: (): Refusal => ({
    status: 400,
    type: 'invalid_request_error',
    code: 'invalid_prompt',
    param: null,
    message:
      'Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.',
  }),
  rateLimit: (detail: string, retryAfterMs: number): Refusal => ({
    status: 429,
    type: 'requests',
    code: 'rate_limit_exceeded',
    param: null,
    message: `Rate limit reached ${detail}. Please try again in ${retryAfterMs}ms.`,
    retryAfterMs,
  }),
  serverError: (retryAfterMs?: number): Refusal => ({
    status: 500,
    type: 'server_error',
    code: null,
    param: null,
    message: 'The server had an error while processing your request. Sorry about that.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }),
  overloaded: (retryAfterMs?: number): Refusal => ({
    status: 503,
    type: 'server_error',
    code: null,
    param: null,
    message: 'The engine is currently overloaded, please try again later.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
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
  rateLimit: (retryAfterMs: number): Refusal => ({
    ...bare(429, '429'),
    message: `Rate limit is exceeded. Try again in ${Math.ceil(retryAfterMs / 1000)} seconds.`,
    retryAfterMs,
  }),
};

function bare(status: number, code: string): Omit<Refusal, 'message'> {
  return { status, code, type: null, param: null };
}

/** A key as vendors show it: the first and last few characters. */
export function maskKey(key: string): string {
  return key.length <= 8 ? '*'.repeat(key.length) : `${key.slice(0, 5)}${'*'.repeat(8)}${key.slice(-3)}`;
}
