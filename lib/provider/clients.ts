import OpenAI, { AzureOpenAI } from 'openai';
import { SIMULATED_KEY } from './vendors.ts';

/** Clients of the real SDK for the simulated accounts, as the labs hand them out. */
export interface Clients {
  openai: OpenAI;
  azure: AzureOpenAI;
}

/** Every setting is given, so that no variable of a learner's shell changes what a lab does. */
export function createClients(): Clients {
  return {
    openai: new OpenAI({
      apiKey: SIMULATED_KEY,
      baseURL: 'https://api.openai.com/v1',
      organization: null,
      project: null,
      logLevel: 'off',
    }),
    azure: new AzureOpenAI({
      apiKey: SIMULATED_KEY,
      endpoint: 'https://workbook.openai.azure.com',
      apiVersion: '2024-10-21',
      logLevel: 'off',
    }),
  };
}
