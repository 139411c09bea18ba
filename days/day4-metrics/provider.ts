import { defineProvider } from '#lib/provider';

/** Day 4's accounts: the strong and the small model at OpenAI. */
export const provider = defineProvider({
  deployments: {
    strong: {},
    small: {},
  },
});
