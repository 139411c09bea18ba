import { openAiErrors, type Refusal } from './errors.ts';
import type { FaultEffect } from './faults.ts';
import type { Call } from './ledger.ts';
import type { Deployment } from './provider-plan.ts';
import { hash32 } from './random.ts';
import type { Visit } from './visitor.ts';
import { jsonAnswer, type WireAnswer } from './wire.ts';

/** Errors do not wait for a model, so they come back fast. */
const REFUSAL_MS = 20;
/** What a client is told to wait when all places of a deployment are taken. */
export const BUSY_RETRY_MS = 1000;

/** What the ledger notes of every request. */
export function seenOf({ request: { url, headers } }: Visit): Pick<Call, 'url' | 'auth' | 'retries'> {
  const bearer = headers.authorization === undefined ? 'none' : 'bearer';
  const retries = Number(headers['x-stainless-retry-count'] ?? 0);
  return {
    url,
    auth: headers['api-key'] === undefined ? bearer : 'api-key',
    retries: Number.isSafeInteger(retries) ? retries : 0,
  };
}

/** The error that a fault plan asks for, in the vendor's words. */
export function faultRefusal(
  { vendor, simulator }: Visit,
  deployment: Deployment,
  { error, retryAfterMs: plannedMs }: Extract<FaultEffect, { error: string }>,
): Refusal {
  const retryAfterMs = plannedMs === undefined ? undefined : simulator.clientMs(plannedMs);
  switch (error) {
    case 'rate_limit': {
      const detail = 'on requests per min (RPM)';
      return vendor.rateLimit(deployment, {
        limited: 'requests',
        detail,
        waitMs: retryAfterMs ?? simulator.clientMs(BUSY_RETRY_MS),
      });
    }
    case 'resource_unavailable':
      return openAiErrors.resourceUnavailable();
    case 'insufficient_quota':
      return openAiErrors.insufficientQuota();
    case 'timeout':
      return openAiErrors.timeout();
    case 'server_error':
      return openAiErrors.serverError(retryAfterMs);
    case 'overloaded':
      return openAiErrors.overloaded(retryAfterMs);
    case 'invalid_prompt':
      return openAiErrors.invalidPrompt();
    case 'content_filter':
      return vendor.blockedPrompt();
  }
}

/** Refuses a request before any route has read it. */
export function refuseUnread(visit: Visit, refusal: Refusal): Promise<WireAnswer> {
  const { simulator, vendor } = visit;
  const startMs = simulator.clock.now();
  const call = simulator.ledger.open({
    vendor: vendor.name,
    deployment: '',
    model: '',
    ...seenOf(visit),
    startMs,
  });
  return refuse(visit, call, refusal);
}

/** Ends a call with an error answer. */
export async function refuse(
  visit: Visit,
  call: Call,
  refusal: Refusal,
  deployment?: Deployment,
  afterMs = REFUSAL_MS,
): Promise<WireAnswer> {
  const { simulator, request } = visit;
  const { clock, ledger } = simulator;
  const { status, code } = refusal;
  try {
    await clock.sleep(afterMs, request.signal);
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    throw aborted;
  }
  ledger.close(call, { outcome: 'refused', status, errorCode: code, endMs: clock.now() });
  const hidden = !deployment || (status === 429 && deployment.quota?.headersOn429 === false);
  const rates = hidden ? {} : rateHeaders(visit, deployment);
  return errorResponse(visit, refusal, responseHeaders(visit, call, rates));
}

function errorResponse({ vendor }: Visit, refusal: Refusal, headers: Record<string, string>): WireAnswer {
  const { status, retryAfterMs } = refusal;
  const wait = retryAfterMs !== undefined && {
    'retry-after': String(Math.ceil(retryAfterMs / 1000)),
    'retry-after-ms': String(retryAfterMs),
  };
  return jsonAnswer(vendor.errorBody(refusal), { ...headers, ...wait }, status);
}

/** The vendor's headers of one answer. */
export function responseHeaders(
  { simulator, vendor }: Visit,
  call: Call,
  rates: Record<string, string> = {},
): Record<string, string> {
  const id = requestId(simulator.seed, call.id);
  return Object.assign(vendor.headers(id, Math.round(simulator.clock.now() - call.startMs)), rates);
}

/** Rate limits as of now. */
export function rateHeaders({ simulator }: Visit, deployment: Deployment): Record<string, string> {
  return deployment.quota ? simulator.stateOf(deployment).quota.headers(simulator.clock.now()) : {};
}

export function requestId(seed: number, id: number): string {
  return `req_${hash32(`${seed} request ${id}`).toString(16).padStart(8, '0')}`;
}
