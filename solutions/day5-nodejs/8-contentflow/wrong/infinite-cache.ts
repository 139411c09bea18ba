import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'keeps the cache within its bounds';

export const { optimizations } = solution;

/** Nothing ever leaves the cache. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant({ ...context, cacheEntries: Number.POSITIVE_INFINITY }, off);
}
