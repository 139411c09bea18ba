import { type DeploymentPlan, defineProvider, LAB_PACE, type ProviderPlan } from '#lib/provider';

const PACE = LAB_PACE.small;
/** Azure starts later and streams faster. */
const AZURE_PACE = { ...PACE, ttftMs: 1.6 * PACE.ttftMs, outputPerSec: 1.3 * PACE.outputPerSec };

/** Day 1's accounts: the small model at OpenAI, and on Azure with ten places and a slow tail. */
export const provider = defineProvider({
  deployments: {
    small: { latency: PACE },
    'chat-sweden': {
      role: 'small',
      vendor: 'azure',
      latency: AZURE_PACE,
      maxConcurrent: 10,
      stragglers: { share: 0.05, factor: 6 },
    },
  },
});

/** The small model at OpenAI on an account with a quota. */
export function withQuota(quota: NonNullable<DeploymentPlan['quota']>): ProviderPlan {
  return defineProvider({ deployments: { small: { latency: PACE, quota } } });
}
