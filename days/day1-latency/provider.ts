import { type DeploymentPlan, defineProvider, type ProviderPlan } from '#lib/provider';

/** Day 1's accounts: the small model at OpenAI, and on Azure with ten places and a slow tail. */
export const provider = defineProvider({
  deployments: {
    small: {},
    'chat-sweden': {
      role: 'small',
      vendor: 'azure',
      maxConcurrent: 10,
      stragglers: { share: 0.05, factor: 6 },
    },
  },
});

/** The small model at OpenAI on an account with a quota. */
export function withQuota(quota: NonNullable<DeploymentPlan['quota']>): ProviderPlan {
  return defineProvider({ deployments: { small: { quota } } });
}
