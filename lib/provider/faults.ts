import { randomFor } from './random.ts';
import type { WrittenAnswer } from './written.ts';

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
  /** Only the first so many requests that fit otherwise. */
  times?: number;
  /** Requests on flex terms (`service_tier: "flex"`) only. */
  flex?: true;
}

/** Error answers by name; each has the vendor's own status and body. */
export const FAULT_ERRORS = [
  'rate_limit',
  // What flex answers when it has no room; nothing is billed.
  'resource_unavailable',
  'insufficient_quota',
  'timeout',
  'server_error',
  'overloaded',
  'invalid_prompt',
  'content_filter',
] as const;
export type FaultError = (typeof FAULT_ERRORS)[number];

/** What happens to such a request. */
export type FaultEffect =
  /** An error status with the vendor's body, after `afterMs` (default 20). */
  | { error: FaultError; retryAfterMs?: number; afterMs?: number }
  /** The stream goes silent after so many tokens. The connection is dropped after `forMs` (default five minutes). */
  | { stallAfterTokens: number; forMs?: number }
  /** The connection is dropped after so many tokens. */
  | { cutAfterTokens: number }
  /** A silent cut: after so many tokens the stream ends as if complete, without finish reason, usage or `[DONE]`. */
  | { endAfterTokens: number }
  /** The answer stops after so many tokens with `finish_reason: "length"`, or filtered with `"content_filter"`. */
  | { finishAfterTokens: number; finish: 'length' | 'content_filter' }
  /** One event of the stream is not valid JSON. */
  | { malformedAfterTokens: number }
  /** Everything takes so many times longer: the slow half of a grey failure. */
  | { slowdown: number }
  /** The work begins so much later. */
  | { delayMs: number }
  /** After so many tokens the stream says that the server had an error, and ends. An answer in one piece is that error. */
  | { failAfterTokens: number }
  /** This is the answer. */
  | { answer: string | WrittenAnswer };

export interface Fault {
  when: FaultMatch;
  effect: FaultEffect;
}

export interface FaultRequest {
  ordinal: number;
  /** How many requests with the same body came before. */
  repeat: number;
  atMs: number;
  prompt: string;
  deployment: string;
  flex: boolean;
}

/** The effect of the first fault of the plan that meets the request. */
export function faultFor(
  plan: readonly Fault[],
  request: FaultRequest,
  seed: number,
  /** How many requests each fault has met: counted here. */
  met: Map<Fault, number>,
): FaultEffect | undefined {
  const fault = plan.find((each, index) => {
    const { times = Number.POSITIVE_INFINITY } = each.when;
    return (met.get(each) ?? 0) < times && meets(each.when, request, [seed, 'fault', index]);
  });
  if (fault) met.set(fault, (met.get(fault) ?? 0) + 1);
  return fault?.effect;
}

/** Throws with what was expected where a plan makes no sense. */
export function checkFaults(plan: readonly Fault[], deployments: readonly string[]): void {
  for (const [index, { when }] of plan.entries()) {
    const { share, fromMs = 0, toMs = Number.POSITIVE_INFINITY, ordinal = 1, deployment, times = 1 } = when;
    const wrong = (field: string, expected: string, received: unknown) =>
      new Error(
        `Fault ${index + 1} of the plan: ${field} must be ${expected}; received ${String(received)}.`,
      );
    if (share !== undefined && !(share >= 0 && share <= 1))
      throw wrong('share', 'a number from 0 to 1', share);
    if (!(fromMs < toMs)) throw wrong('toMs', `later than fromMs (${fromMs})`, toMs);
    const odd = [ordinal].flat().find((number) => !(Number.isInteger(number) && number >= 1));
    if (odd !== undefined) throw wrong('ordinal', 'a whole number from 1', odd);
    if (!(Number.isInteger(times) && times >= 1)) throw wrong('times', 'a whole number from 1', times);
    if (deployment !== undefined && !deployments.includes(deployment))
      throw wrong('deployment', `one of ${deployments.join(', ')}`, deployment);
  }
}

interface Window {
  fromMs: number;
  toMs: number;
  /** Share of the requests that it meets. Default: all. */
  share?: number;
  deployment?: string;
}

/** Overload between two moments: 503 for a share of the requests, the rest slow. */
export function brownOut({ slowdown = 3, share = 0.7, ...window }: Window & { slowdown?: number }): Fault[] {
  return [
    { when: { ...window, share }, effect: { error: 'overloaded' } },
    { when: window, effect: { slowdown } },
  ];
}

/** A deployment that looks alive: some requests fail at once, the others answer late. */
export function greyFailure({
  slowdown = 5,
  share = 0.5,
  ...window
}: Window & { slowdown?: number }): Fault[] {
  return [
    { when: { ...window, share }, effect: { error: 'server_error' } },
    { when: window, effect: { slowdown } },
  ];
}

/** Refusals whatever the quota says, each naming the same wait. */
export function rateLimitStorm({
  retryAfterMs = 1000,
  ...window
}: Window & { retryAfterMs?: number }): Fault[] {
  return [{ when: window, effect: { error: 'rate_limit', retryAfterMs } }];
}

function meets(when: FaultMatch, request: FaultRequest, key: (string | number)[]): boolean {
  const {
    ordinal,
    fromMs = 0,
    toMs = Number.POSITIVE_INFINITY,
    share,
    promptIncludes,
    deployment,
    flex,
  } = when;
  if (ordinal !== undefined && ![ordinal].flat().includes(request.ordinal)) return false;
  if (request.atMs < fromMs || request.atMs >= toMs) return false;
  if (promptIncludes !== undefined && !request.prompt.includes(promptIncludes)) return false;
  if (deployment !== undefined && request.deployment !== deployment) return false;
  if (flex && !request.flex) return false;
  return share === undefined || randomFor(...key, request.prompt, request.repeat).next() < share;
}
