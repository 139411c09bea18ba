import { leastEffort, modelFor } from '#lib/provider';
import type * as Contract from '../../contracts/client.ts';
import type { Wire } from './wire.ts';

const ENDPOINT = 'https://workbook.openai.azure.com';
export const DEPLOYMENT = 'chat-sweden';
const API_VERSION = '2024-10-21';
export const WRONG_KEY = 'sk-wrong-71f0-private-part-a9c3';

export interface Account {
  name: string;
  env: Contract.Env;
  /** What the first request must look like. `Bearer <token>` stands for a token that is valid then. */
  expected: { url: string; auth: string; model: string };
  usesToken: boolean;
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
  /** A short question; a long one; and the long one once more when the first token has expired. */
  asked: Asked[];
  wire: Wire[];
  /** Different SDK clients that sent these requests. */
  sdkClients: number;
}

export function accounts(key: string): Account[] {
  const azure = { AZURE_OPENAI_ENDPOINT: ENDPOINT, AZURE_OPENAI_DEPLOYMENT: DEPLOYMENT };
  const v1 = `${ENDPOINT}/openai/v1/chat/completions`;
  const dated = `${ENDPOINT}/openai/deployments/${DEPLOYMENT}/chat/completions?api-version=${API_VERSION}`;
  // The models of both worlds stand in each environment, as they do on a laptop that uses both.
  const model = modelFor('small');
  const shared = { OPENAI_MODEL: model, OPENAI_REASONING_EFFORT: leastEffort(model) };
  return [
    {
      name: 'OpenAI',
      env: { ...shared, OPENAI_API_KEY: key },
      expected: {
        url: 'https://api.openai.com/v1/chat/completions',
        auth: 'Bearer <key>',
        model,
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
      env: {
        ...{ ...shared, ...azure, AZURE_OPENAI_ENDPOINT: `${ENDPOINT}/` },
        OPENAI_API_VERSION: API_VERSION,
      },
      expected: { url: dated, auth: 'Bearer <token>', model: DEPLOYMENT },
      usesToken: true,
    },
  ];
}

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
