import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'gives no answer from before an update';

export const { optimizations } = solution;

/** Answers are kept for the day, whatever becomes of the page that they were made from. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const handbook = (tenant: string) => ({ ...context.handbook(tenant), edition: 1 });
  return solution.createAssistant({ ...context, handbook }, off);
}
