import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'is as good as the strongest model in every segment';

export const { optimizations } = solution;

/** A fifth of the price for everything. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const { small } = context.models;
  return solution.createAssistant({ ...context, models: { small, strong: small } }, off);
}
