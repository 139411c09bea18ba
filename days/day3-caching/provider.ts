import { defineProvider } from '#lib/provider';

/** Day 3's account: the model that answers, the cheaper one that stands in for it, and two that embed. */
export const provider = defineProvider({
  deployments: {
    'gpt-4o': { model: 'gpt-4o' },
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'text-embedding-3-small': { model: 'text-embedding-3-small' },
    'text-embedding-3-large': { model: 'text-embedding-3-large' },
  },
});
