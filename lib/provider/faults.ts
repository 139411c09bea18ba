import { randomFor } from './random.ts';

/** Which requests a fault meets. All conditions given must hold. */
export interface FaultMatch {
  /** The n-th request to arrive, 1 for the first. */
  ordinal?: number | readonly number[];
  /** From this moment on, in milliseconds since the start. */
  fromMs?: number;
  /** Until this moment. */
  toMs?: number;
  /** This share of the requests, 0 to 1, drawn by seed and request. */
  share?: number;
  /** Requests whose last user message holds this text. */
  promptIncludes?: string;
  deployment?: string;
}

/** What happens to such a request. */
export type FaultEffect =
  /** An error status with the vendor's body. */
  | { error: 'rate_limit' | 'server_error' | 'overloaded' | 'invalid_prompt'; retryAfterMs?: number }
  /** The stream goes silent after so many tokens. The connection is dropped after `forMs` (default five minutes). */
  | { stallAfterTokens: number; forMs?: number }
  /** The connection is dropped after so many tokens. */
  | { cutAfterTokens: number };

export interface Fault {
  when: FaultMatch;
  effect: FaultEffect;
}

export interface FaultRequest {
  ordinal: number;
  atMs: number;
  prompt: string;
  deployment: string;
}

/** The effect of the first fault of the plan that meets the request. */
export function faultFor(
  plan: readonly Fault[],
  request: FaultRequest,
  seed: number,
): FaultEffect | undefined {
  return plan.find(({ when }, index) => meets(when, request, [seed, 'fault', index]))?.effect;
}

function meets(when: FaultMatch, request: FaultRequest, key: (string | number)[]): boolean {
  const { ordinal, fromMs = 0, toMs = Number.POSITIVE_INFINITY, share, promptIncludes, deployment } = when;
  if (ordinal !== undefined && ![ordinal].flat().includes(request.ordinal)) return false;
  if (request.atMs < fromMs || request.atMs >= toMs) return false;
  if (promptIncludes !== undefined && !request.prompt.includes(promptIncludes)) return false;
  if (deployment !== undefined && request.deployment !== deployment) return false;
  return share === undefined || randomFor(...key, request.prompt, request.ordinal).next() < share;
}
