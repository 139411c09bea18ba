/*
 * Belief: Send what comes, and send it again when it is refused.
 * Effect: Both deployments are sent more than their quotas allow, and answer with 429s.
 * Rejected by: keeps to the quotas of both deployments
 * Whole: it wraps the solution, and changes none of its lines
 */

import type { Assistant, Context } from '#course/day5-nodejs/contracts/assistant.ts';
import * as solution from '../assistant.ts';

export const { optimizations } = solution;

export function createAssistant(context: Context, off: ReadonlySet<string>): Assistant {
  const limits = { openai: { rpm: 1e6, tpm: 1e9 }, azure: { requests: 1e6, sliceMs: 10_000 } };
  return solution.createAssistant({ ...context, limits }, off);
}
