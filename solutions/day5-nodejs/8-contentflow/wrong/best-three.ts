import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'answers most help questions without a call';

const LEFT_OUT = ['prefix_layout', 'prompt_compression', 'request_batching'];

export const optimizations = solution.optimizations.filter((name) => !LEFT_OUT.includes(name));

/** The three that come to mind first, together: an exact cache, the small model where it will do, streaming. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant({ ...context, pairs: [] }, new Set([...off, ...LEFT_OUT]));
}
