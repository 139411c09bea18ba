import { defineProvider, LAB_PACE } from '#lib/provider';

/** Day 4's accounts: the strong and the small model at OpenAI. */
export const provider = defineProvider({
  deployments: {
    strong: { latency: LAB_PACE.strong },
    small: { latency: LAB_PACE.small },
  },
});
