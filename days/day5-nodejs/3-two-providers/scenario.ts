import { inspect } from 'node:util';
import OpenAI from 'openai';
import type * as Subject from '#days/day5-nodejs/3-two-providers/client.ts';
import type { Clock } from '#lib/clock';
import { defineScenario } from '#lib/provider';
import type * as Contract from '../contracts/client.ts';
import { provider } from '../provider.ts';

const ENDPOINT = 'https://workbook.openai.azure.com';
const DEPLOYMENT = 'chat-sweden';
const API_VERSION = '2024-10-21';
const WRONG_KEY = 'sk-wrong-71f0-private-part-a9c3';
/** An hour at Entra ID; ten seconds here, so that the lab can be watched at human speed. */
const TOKEN_LIFE_MS = 10_000;
export const RETRY_AFTER_MS = 1500;
/** The SDK tries a call once and then twice more. */
export const SDK_TRIES = 3;

/** One request as it left the client. */
export interface Wire {
  url: string;
  authorization: string | null;
  apiKey: string | null;
  model: string;
}

export interface Account {
  name: string;
  env: Contract.Env;
  /** What the first request must look like. `Bearer <token>` stands for a token that is valid then. */
  expected: { url: string; auth: string; model: string };
  usesToken: boolean;
}

function accounts(key: string): Account[] {
  const azure = { AZURE_OPENAI_ENDPOINT: ENDPOINT, AZURE_OPENAI_DEPLOYMENT: DEPLOYMENT };
  const v1 = `${ENDPOINT}/openai/v1/chat/completions`;
  const dated = `${ENDPOINT}/openai/deployments/${DEPLOYMENT}/chat/completions?api-version=${API_VERSION}`;
  // The models of both worlds stand in each environment, as they do on a laptop that uses both.
  const shared = { OPENAI_MODEL: 'gpt-4o-mini' };
  return [
    {
      name: 'OpenAI',
      env: { ...shared, OPENAI_API_KEY: key },
      expected: {
        url: 'https://api.openai.com/v1/chat/completions',
        auth: 'Bearer <key>',
        model: 'gpt-4o-mini',
      },
      usesToken: false,
    },
    {
      name: 'Azure v1 with a key',
      env: { ...shared, ...azure, AZURE_OPENAI_ENDPOINT: `${ENDPOINT}/`, AZURE_OPENAI_API_KEY: key },
      expected: { url: v1, auth: 'Bearer <key>', model: DEPLOYMENT },
      usesToken: false,
    },
    {
      name: 'Azure v1 with Entra ID',
      env: { ...shared, ...azure },
      expected: { url: v1, auth: 'Bearer <token>', model: DEPLOYMENT },
      usesToken: true,
    },
    {
      name: 'Azure dated with a key',
      env: { ...shared, ...azure, OPENAI_API_VERSION: API_VERSION, AZURE_OPENAI_API_KEY: key },
      expected: { url: dated, auth: 'api-key: <key>', model: DEPLOYMENT },
      usesToken: false,
    },
    {
      name: 'Azure dated with Entra ID',
      env: { ...shared, ...azure, OPENAI_API_VERSION: API_VERSION },
      expected: { url: dated, auth: 'Bearer <token>', model: DEPLOYMENT },
      usesToken: true,
    },
  ];
}

/** What became of one question. */
export interface Asked {
  prompt: string;
  reply?: Contract.Reply;
  /** How it failed, as the caller can read it. */
  failed?: { kind: unknown; retryAfterMs: unknown; message: string };
}

export interface Visit {
  account: Account;
  /** Two questions, and a third when the first token has expired. */
  asked: Asked[];
  wire: Wire[];
  /** Different SDK clients that sent these requests. */
  sdkClients: number;
}

/** Five accounts with one and the same code, and what goes wrong at two of them. */
export const scenario = defineScenario({
  provider,
  faults: [
    { when: { promptIncludes: '[flagged]', deployment: DEPLOYMENT }, effect: { error: 'content_filter' } },
    { when: { promptIncludes: '[flagged]' }, effect: { error: 'invalid_prompt' } },
    {
      when: { promptIncludes: '[busy]' },
      effect: { error: 'rate_limit', retryAfterMs: RETRY_AFTER_MS },
    },
    { when: { promptIncludes: '[down]' }, effect: { error: 'server_error' } },
  ],
  traffic: (random) => ({ topic: random.pick(['refunds', 'invoices', 'deliveries', 'passwords']) }),
  async play(subject: typeof Subject, { openai, clock, traffic }) {
    const key = openai.apiKey ?? '';
    const entra = createEntra(clock);
    const watch = watchTheWire(key, entra.valid);
    const written: string[] = [];
    const clients: Contract.LlmClient[] = [];
    const errors: unknown[] = [];
    const create = (env: Contract.Env, usesToken = false) => {
      const client = subject.createClient(env, usesToken ? entra.getToken : undefined);
      clients.push(client);
      return client;
    };
    const ask = async (client: Contract.LlmClient, prompt: string): Promise<Asked> => {
      try {
        return { prompt, reply: await client.ask(prompt) };
      } catch (error) {
        errors.push(error);
        const { kind, retryAfterMs, message } = error as Partial<Subject.LlmError>;
        return { prompt, failed: { kind, retryAfterMs, message: message ?? String(error) } };
      }
    };
    const stopListening = listenToConsole(written);
    try {
      const visits: Visit[] = [];
      for (const account of accounts(key)) {
        watch.start();
        const client = create(account.env, account.usesToken);
        const asked = [await ask(client, `${account.name}: first question about ${traffic.topic}`)];
        asked.push(await ask(client, `${account.name}: second question about ${traffic.topic}`));
        await clock.sleep(TOKEN_LIFE_MS * 1.2);
        asked.push(await ask(client, `${account.name}: third question about ${traffic.topic}`));
        visits.push({ account, asked, ...watch.seen() });
      }
      const [openAi, , , dated] = accounts(key) as [Account, Account, Account, Account];
      const failures = {
        openai: await fail(create(openAi.env), 'openai'),
        azure: await fail(create(dated.env), 'azure'),
        openaiKey: await ask(create({ ...openAi.env, OPENAI_API_KEY: WRONG_KEY }), 'openai wrong key'),
        azureKey: await ask(create({ ...dated.env, AZURE_OPENAI_API_KEY: WRONG_KEY }), 'azure wrong key'),
        noDeployment: await ask(
          create({ ...dated.env, AZURE_OPENAI_DEPLOYMENT: 'nowhere' }),
          'azure nowhere',
        ),
      };
      const secrets = { 'the API key': key, 'a wrong API key': WRONG_KEY, 'a token': 'entra-token-' };
      const places = {
        'what it wrote to the console': written.join('\n'),
        'an error': errors.map((error) => inspect(error, { depth: 8 })).join('\n'),
        'the client object, once somebody logs it': clients
          .map((client) => inspect(client, { depth: 8 }))
          .join('\n'),
      };
      const leaks = Object.entries(places).flatMap(([place, text]) =>
        Object.entries(secrets).flatMap(([what, secret]) => (text.includes(secret) ? [{ place, what }] : [])),
      );
      return { visits, failures, leaks, key };
    } finally {
      stopListening();
      watch.stop();
    }

    async function fail(client: Contract.LlmClient, who: string) {
      return {
        blocked: await ask(client, `${who} [flagged] payload`),
        busy: await ask(client, `${who} [busy] question`),
        down: await ask(client, `${who} [down] question`),
      };
    }
  },
  readings({ outcome }) {
    const { visits, key } = outcome.value;
    const right = visits.filter((visit) => differences(visit, key).length === 0).length;
    // Every account can be served exactly as its documentation says.
    return {
      'accounts served as documented': {
        unit: 'share',
        better: 'higher',
        value: right / visits.length,
        target: 1,
        limit: 1,
      },
    };
  },
});

/** Where the first request of an account is not what its documentation says; empty if it is. */
export function differences(
  { account, wire }: Visit,
  key: string,
): { what: string; sent: string; expected: string }[] {
  const [first] = wire;
  const { expected } = account;
  if (!first) return [{ what: 'request', sent: 'nothing', expected: expected.url }];
  const [address, query = ''] = first.url.split('?');
  const [wantedAddress, wantedQuery = ''] = expected.url.split('?');
  return [
    { what: 'model', sent: first.model, expected: expected.model },
    { what: 'address', sent: address ?? '', expected: wantedAddress ?? '' },
    { what: 'query', sent: query || 'none', expected: wantedQuery || 'none' },
    { what: 'authentication', sent: authOf(first, key), expected: expected.auth },
  ].filter((part) => part.sent !== part.expected && !isV1Key(part.sent, expected));
}

/** Azure's v1 API takes its key in either header. */
function isV1Key(sent: string, { auth, url }: Account['expected']): boolean {
  return sent === 'api-key: <key>' && auth === 'Bearer <key>' && url.includes('/openai/v1/');
}

/** The credentials of a request, with secrets replaced by their kind. */
function authOf({ authorization, apiKey }: Wire, key: string): string {
  const named = (text: string) => text.replace(key, '<key>').replace(/entra-token-\d+/, '<token>');
  return [
    authorization === null ? '' : named(authorization),
    apiKey === null ? '' : `api-key: ${named(apiKey)}`,
  ]
    .filter(Boolean)
    .join(' and ');
}

/** Stands in for Entra ID: a token is valid for a while from when it was fetched. */
function createEntra(clock: Clock) {
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
function watchTheWire(key: string, validToken: (token: string) => boolean) {
  const provided = globalThis.fetch;
  const { buildRequest } = OpenAI.prototype;
  let wire: Wire[] = [];
  let senders = new Set<unknown>();
  OpenAI.prototype.buildRequest = function (...args) {
    senders.add(this);
    return buildRequest.apply(this, args);
  };
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    const authorization = headers.get('authorization');
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as { model?: string }) : {};
    const model = /\/deployments\/([^/]+)\//.exec(url)?.[1] ?? body.model ?? '';
    wire.push({ url, authorization, apiKey: headers.get('api-key'), model });
    const bearer = authorization?.replace(/^Bearer /, '') ?? '';
    if (validToken(bearer)) headers.set('authorization', `Bearer ${key}`);
    else if (bearer !== '' && url.includes('/deployments/'))
      headers.set('authorization', 'Bearer not-a-token');
    return provided(input, { ...init, headers });
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

function listenToConsole(written: string[]): () => void {
  const originals = CONSOLE.map((name) => console[name]);
  for (const name of CONSOLE)
    console[name] = (...items: unknown[]) => {
      written.push(items.map((item) => inspect(item, { depth: 8 })).join(' '));
    };
  return () => {
    for (const [i, name] of CONSOLE.entries()) console[name] = originals[i] as typeof console.log;
  };
}
