import { inspect } from 'node:util';
import type {} from '@azure/openai/types';
import OpenAI from 'openai';
import type { Clock } from '#lib/clock';

/** An hour at Entra ID; ten seconds here, so that the lab can be watched at human speed. */
export const TOKEN_LIFE_MS = 10_000;

/** One request as it left the client. */
export interface Wire {
  url: string;
  authorization: string | null;
  apiKey: string | null;
  model: string;
  /** What its answer said in `x-ratelimit-remaining-tokens`. */
  tokensLeft?: string | null;
}

/** What happens on the way to a prompt that has one of these in it. */
export const ON_THE_WAY = {
  /** The answer comes through a proxy that speaks plain HTTP: seconds, no milliseconds, no quota, no details of usage. */
  proxied: '[proxied]',
  /** Azure's filters find something that they let through. */
  flagged: '[rough]',
  /** The request is refused, though no policy is against it. */
  tooLong: '[too long]',
  /** The credentials are known, but not for this. */
  forbidden: '[forbidden]',
  unreachable: '[unreachable]',
};

/** What the filters find then, in the prompt and in the answer. */
export const FLAGGED = ['hate', 'jailbreak', 'protected_material_text', 'violence'];
const ROUGH_PROMPT = {
  hate: { severity: 'safe', filtered: false },
  self_harm: { severity: 'safe', filtered: false },
  violence: { severity: 'medium', filtered: false },
  jailbreak: { detected: true, filtered: false },
  profanity: { detected: false, filtered: false },
};
const ROUGH_ANSWER = {
  hate: { severity: 'low', filtered: false },
  violence: { severity: 'low', filtered: false },
  protected_material_text: { detected: true, filtered: false },
  protected_material_code: { detected: false, filtered: false },
};

/** Stands in for Entra ID: a token is valid for a while from when it was fetched. */
export function createEntra(clock: Clock) {
  const issuedMs: number[] = [];
  return {
    getToken: async () => {
      issuedMs.push(clock.now());
      return `entra-token-${issuedMs.length}`;
    },
    valid: (token: string) => {
      const issued = issuedMs[Number(/^entra-token-(\d+)$/.exec(token)?.[1]) - 1];
      return issued !== undefined && clock.now() - issued < TOKEN_LIFE_MS;
    },
  };
}

/**
 * Writes down what leaves the client. The simulated accounts know one key; a valid token is exchanged for it, and where
 * Azure's dated API gets a key as a bearer token, it is refused as in reality.
 */
export function watchTheWire(key: string, validToken: (token: string) => boolean) {
  const provided = globalThis.fetch;
  const { buildRequest } = OpenAI.prototype;
  let wire: Wire[] = [];
  let senders = new Set<unknown>();
  OpenAI.prototype.buildRequest = function (...args) {
    senders.add(this);
    return buildRequest.apply(this, args);
  };
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    const authorization = headers.get('authorization');
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as { model?: string }) : {};
    const model = /\/deployments\/([^/]+)\//.exec(url)?.[1] ?? body.model ?? '';
    const sent: Wire = { url, authorization, apiKey: headers.get('api-key'), model };
    wire.push(sent);
    const bearer = authorization?.replace(/^Bearer /, '') ?? '';
    if (validToken(bearer)) headers.set('authorization', `Bearer ${key}`);
    else if (bearer !== '' && url.includes('/deployments/'))
      headers.set('authorization', 'Bearer not-a-token');
    const refused = refusalOnTheWay(String(init?.body));
    if (refused) return refused;
    const response = await changedOnTheWay(
      String(init?.body),
      url,
      await provided(input, { ...init, headers }),
    );
    sent.tokensLeft = response.headers.get('x-ratelimit-remaining-tokens');
    return response;
  };
  return {
    start() {
      wire = [];
      senders = new Set();
    },
    seen: () => ({ wire, sdkClients: senders.size }),
    stop() {
      globalThis.fetch = provided;
      OpenAI.prototype.buildRequest = buildRequest;
    },
  };
}

function refusalOnTheWay(request: string): Response | undefined {
  if (request.includes(ON_THE_WAY.unreachable)) throw new TypeError('fetch failed');
  if (request.includes(ON_THE_WAY.tooLong)) return refusal(400, 'context_length_exceeded');
  if (request.includes(ON_THE_WAY.forbidden)) return refusal(403, 'unsupported_country_region_territory');
  return undefined;
}

function refusal(status: number, code: string): Response {
  return Response.json(
    { error: { code, message: `Refused: ${code}.`, type: 'invalid_request_error', param: null } },
    { status },
  );
}

async function changedOnTheWay(request: string, url: string, response: Response): Promise<Response> {
  const proxied = request.includes(ON_THE_WAY.proxied);
  const rough = request.includes(ON_THE_WAY.flagged) && url.includes('.azure.com/');
  if (proxied)
    for (const name of ['retry-after-ms', 'x-ratelimit-remaining-tokens']) response.headers.delete(name);
  if (!response.ok || !(proxied || rough)) return response;
  const answer = (await response.json()) as Answer;
  if (proxied && answer.usage) answer.usage.prompt_tokens_details = undefined;
  if (rough) answer.prompt_filter_results = [{ prompt_index: 0, content_filter_results: ROUGH_PROMPT }];
  for (const choice of rough ? answer.choices : []) choice.content_filter_results = ROUGH_ANSWER;
  return Response.json(answer, { status: response.status, headers: response.headers });
}

/** An answer, with what Azure adds to it. */
type Answer = Pick<OpenAI.ChatCompletion, 'usage' | 'choices' | 'prompt_filter_results'>;

const CONSOLE = ['log', 'info', 'warn', 'error', 'debug'] as const;

export function listenToConsole(written: string[]): () => void {
  const originals = CONSOLE.map((name) => console[name]);
  for (const name of CONSOLE)
    console[name] = (...items: unknown[]) => {
      written.push(items.map((item) => inspect(item, { depth: 8 })).join(' '));
    };
  return () => {
    for (const [i, name] of CONSOLE.entries()) console[name] = originals[i] as typeof console.log;
  };
}
