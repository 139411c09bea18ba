import { defineProvider } from '#lib/provider';

/** Day 2's account: a model of each price class, so that the same work can be billed differently. */
export const provider = defineProvider({ deployments: { small: {}, middle: {}, strong: {} } });
