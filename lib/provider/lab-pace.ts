import type { LatencyProfile } from './models.ts';

/**
 * A pace for deployments of labs that weigh what a model takes against tools, timeouts, quotas and patience, which stand in
 * the lab: whatever the model's pace of the year, what the lab is about stays the same. The stronger, the slower.
 */
export const LAB_PACE = {
  small: { ttftMs: 400, prefillPerSec: 30_000, outputPerSec: 131 },
  middle: { ttftMs: 500, prefillPerSec: 27_000, outputPerSec: 110 },
  strong: { ttftMs: 700, prefillPerSec: 27_000, outputPerSec: 90 },
} satisfies Record<string, Partial<LatencyProfile>>;
