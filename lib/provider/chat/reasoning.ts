import { type Effort, type Model, thinkingTokens } from '../models.ts';
import type { Random } from '../random.ts';

/** The catalogue's medians are of a log-normal whose p95 is three times as much. */
const SIGMA = Math.log(3) / 1.645;
/** Usage is reported in these steps, as it is by real reasoning models. */
const STEP = 64;

/** The effort of a request: what it asks for, or what its model does by itself. */
export function effortOf(asked: string | null | undefined, model: Model): Effort {
  return (asked as Effort | null | undefined) ?? model.defaultEffort;
}

/** Hidden tokens before the answer. */
export function drawReasoning(effort: Effort, random: Random): number {
  const median = thinkingTokens(effort);
  if (median === 0) return 0;
  return Math.max(1, Math.round((median * Math.exp(SIGMA * random.normal())) / STEP)) * STEP;
}
