import { defineProvider } from '#lib/provider';

/** Day 4's accounts: a strong and a cheap model at OpenAI. */
export const provider = defineProvider({
  deployments: {
    'gpt-4o': { model: 'gpt-4o' },
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
  },
});
