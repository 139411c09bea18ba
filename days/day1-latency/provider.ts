import { defineProvider } from '#lib/provider';

/**
 * Day 1's accounts: one model at OpenAI, and the same model on Azure with ten places and a slow tail. Three more models
 * have a quota: of requests in a second, of requests in ten, of requests and tokens in a minute.
 */
export const provider = defineProvider({
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'chat-sweden': {
      model: 'gpt-4o-mini',
      vendor: 'azure',
      maxConcurrent: 10,
      stragglers: { share: 0.05, factor: 6 },
    },
    'gpt-4o': { model: 'gpt-4o', quota: { requestsPerMin: 30, tokensPerMin: 6000 } },
    'gpt-4.1-nano': { model: 'gpt-4.1-nano', quota: { requestsPerMin: 480, sliceMs: 1000 } },
    'gpt-4.1-mini': { model: 'gpt-4.1-mini', quota: { requestsPerMin: 240, sliceMs: 10_000 } },
  },
});
