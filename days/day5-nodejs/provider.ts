import { defineProvider } from '#lib/provider';

/** Day 5's accounts: the small model at OpenAI, and the same model behind a deployment at Azure. */
export const provider = defineProvider({
  deployments: {
    small: { quota: { requestsPerMin: 5000, tokensPerMin: 2_000_000 } },
    'chat-sweden': {
      role: 'small',
      vendor: 'azure',
      quota: { requestsPerMin: 600, tokensPerMin: 200_000 },
    },
  },
});
