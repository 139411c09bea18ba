import { inspect } from 'node:util';
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

/** What a prompt has in it whose answer comes through a proxy that speaks plain HTTP: seconds, and no milliseconds. */
export const PROXIED = '[proxied]';

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
    const response = await provided(input, { ...init, headers });
    sent.tokensLeft = response.headers.get('x-ratelimit-remaining-tokens');
    if (String(init?.body).includes(PROXIED)) response.headers.delete('retry-after-ms');
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
