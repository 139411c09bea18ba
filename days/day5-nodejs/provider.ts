import { defineProvider } from '#lib/provider';

/** Day 5's accounts: one model at OpenAI, and the same model behind a deployment at Azure. */
export const provider = defineProvider({
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini', quota: { requestsPerMin: 5000, tokensPerMin: 2_000_000 } },
    'chat-sweden': {
      model: 'gpt-4o-mini',
      vendor: 'azure',
      quota: { requestsPerMin: 600, tokensPerMin: 200_000 },
    },
  },
});
