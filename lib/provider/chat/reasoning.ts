import type { Random } from '../random.ts';

/**
 * Hidden tokens before the answer, by effort: medians of a log-normal whose p95 is three times as much. Illustrative:
 * vendors publish no such figures, only that they rise steeply with effort.
 */
const MEDIANS: Record<string, number> = {
  none: 0,
  minimal: 0,
  low: 128,
  medium: 448,
  high: 1280,
  xhigh: 2560,
  max: 3840,
};
const SIGMA = Math.log(3) / 1.645;
/** Usage is reported in these steps, as it is by real reasoning models. */
const STEP = 64;

export function drawReasoning(effort: string | null | undefined, random: Random): number {
  const median = MEDIANS[effort ?? 'medium'] ?? 0;
  if (median === 0) return 0;
  return Math.max(1, Math.round((median * Math.exp(SIGMA * random.normal())) / STEP)) * STEP;
}
