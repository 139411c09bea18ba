import type { Assistant, Context } from '../../../../days/day5-nodejs/contentflow.ts';
import * as solution from '../assistant.ts';

export const rejectedBy = 'keeps to the quotas of both deployments';

export const { optimizations } = solution;

/** Sends what comes and, when it is refused, sends it again. */
export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const limits = { openai: { rpm: 1e6, tpm: 1e9 }, azure: { requests: 1e6, sliceMs: 10_000 } };
  return solution.createAssistant({ ...context, limits }, off);
}
