import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'pays half, and a quarter less where no cache helps';

/** What makes everything cheaper that is asked once only. */
const LEFT_OUT = ['prefix_layout', 'prompt_compression', 'model_downgrading', 'request_batching'];

export const optimizations = solution.optimizations.filter((name) => !LEFT_OUT.includes(name));

/** A good cache, streams and two deployments; nothing for the half of the bill that no cache helps with. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  return solution.createAssistant(context, new Set([...off, ...LEFT_OUT]));
}
