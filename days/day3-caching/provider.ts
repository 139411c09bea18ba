import { defineProvider, LAB_PACE } from '#lib/provider';

/** Day 3's account: the strong model that answers, the small one that stands in for it, and two that embed. */
export const provider = defineProvider({
  deployments: {
    strong: { latency: LAB_PACE.strong },
    small: { latency: LAB_PACE.small },
    embedder: {},
    wideEmbedder: {},
  },
});
