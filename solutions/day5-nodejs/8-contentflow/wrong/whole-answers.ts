import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'begins to answer within 0.8 s and ends within 2, the slowest twentieth aside';

export const optimizations = solution.optimizations.filter((name) => name !== 'streaming');

/** The first word comes with the last. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set([...off, 'streaming']));
}
