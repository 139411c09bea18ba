import { defineProvider } from '#lib/provider';

/** Day 2's account: one model of each price class, old and new, so that the same work can be billed differently. */
export const provider = defineProvider({
  deployments: {
    'gpt-4o-mini': { model: 'gpt-4o-mini' },
    'gpt-4o': { model: 'gpt-4o' },
    'gpt-4.1-nano': { model: 'gpt-4.1-nano' },
    'gpt-4.1-mini': { model: 'gpt-4.1-mini' },
    'gpt-4.1': { model: 'gpt-4.1' },
    'gpt-5-nano': { model: 'gpt-5-nano' },
    'gpt-5-mini': { model: 'gpt-5-mini' },
    'gpt-5': { model: 'gpt-5' },
    'gpt-5.6-luna': { model: 'gpt-5.6-luna' },
    'gpt-4': { model: 'gpt-4' },
    'gpt-3.5-turbo': { model: 'gpt-3.5-turbo' },
  },
});
