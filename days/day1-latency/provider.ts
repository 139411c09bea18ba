import { defineProvider } from '#lib/provider';

/** Day 1's accounts: one model at OpenAI, and the same model on Azure with ten places and a slow tail. */
export const provider = defineProvider({
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'chat-sweden': {
      model: 'gpt-4o-mini',
      vendor: 'azure',
      maxConcurrent: 10,
      stragglers: { share: 0.05, factor: 6 },
    },
  },
});
