import OpenAI, { AzureOpenAI } from 'openai';
import { SIMULATED_KEY } from './vendors.ts';

/** Clients of the real SDK for the simulated accounts, as the labs hand them out. */
export interface Clients {
  openai: OpenAI;
  azure: AzureOpenAI;
}

/**
 * Every setting is given, so that no variable of a learner's shell changes what a lab does. Without a `fetch` they take
 * the process's own, as a client at work would.
 */
export function createClients(door?: typeof fetch): Clients {
  const how = { apiKey: SIMULATED_KEY, logLevel: 'off', ...(door && { fetch: door }) } as const;
  return {
    openai: new OpenAI({ ...how, baseURL: 'https://api.openai.com/v1', organization: null, project: null }),
    azure: new AzureOpenAI({
      ...how,
      endpoint: 'https://workbook.openai.azure.com',
      apiVersion: '2024-10-21',
    }),
  };
}
