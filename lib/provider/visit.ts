import { openAiErrors, type Refusal } from './errors.ts';
import { type FaultEffect, faultFor } from './faults.ts';
import type { Call, Surface } from './ledger.ts';
import type { Deployment } from './plan.ts';
import type { Lease } from './quota.ts';
import { hash32 } from './random.ts';
import type { Arrival, Simulator } from './simulator.ts';
import type { Vendor } from './vendors.ts';

/** One request to one of the provider's routes. */
export interface Visit {
  simulator: Simulator;
  vendor: Vendor;
  method: string;
  url: URL;
  headers: Headers;
  arrival: Arrival;
  /** Parts of the path by name; at Azure `deployment` is one of them. */
  params: Readonly<Record<string, string>>;
}

/** What a route for models reads out of a request before it is admitted. */
export interface Asked<B> {
  body: B;
  model: string;
  prompt: string;
  stream: boolean;
  inputs?: number;
}

/** What a request needs, once it is known on which deployment. */
export interface Work {
  /** Input and output cap, as the vendor estimates them for its quota. */
  estimatedTokens: number;
  run(job: Job): Promise<Response>;
}

/** How one surface (chat, embeddings, …) reads, checks and answers. */
export interface ModelSurface<B> {
  surface: Surface;
  read(text: string): Asked<B> | { refusal: Refusal };
  prepare(visit: Visit, deployment: Deployment, body: B): Work | { refusal: Refusal };
}

/** An admitted request on its way through the provider. */
export interface Job {
  visit: Visit;
  call: Call;
  deployment: Deployment;
  effect: FaultEffect | undefined;
  /** When the deployment began to work on it, after any queue. */
  beganMs: number;
  /** How many times longer than usual everything takes. */
  slowdown: number;
  /** The vendor's headers of the answer. Rate limits in them are as of admission, as with real vendors. */
  headers(): Record<string, string>;
  /** Ends the call: writes the ledger, frees the place and settles the quota. */
  end(end: Pick<Call, 'outcome'> & Partial<Call>): void;
}

/** Errors do not wait for a model, so they come back fast. */
const REFUSAL_MS = 20;
/** What a client is told to wait when all places of a deployment are taken. */
const BUSY_RETRY_MS = 1000;

/** Admits a request to a model and lets it be answered, or refuses it in the vendor's words. */
export async function serveModel<B>(visit: Visit, model: ModelSurface<B>): Promise<Response> {
  const { simulator, vendor, headers, arrival, params } = visit;
  const asked = model.read(arrival.text);
  const known = 'refusal' in asked ? undefined : asked;
  const name = params.deployment ?? known?.model ?? '';
  const deployment = simulator.deployment(vendor.name, name);
  const call = simulator.ledger.open({
    surface: model.surface,
    vendor: vendor.name,
    deployment: name,
    model: deployment?.model ?? known?.model ?? '',
    prompt: known?.prompt ?? '',
    ...seenOf(visit),
    stream: known?.stream ?? false,
    inputs: known?.inputs ?? 0,
    startMs: simulator.clock.now(),
  });
  const unread = vendor.refuseCredentials(headers) ?? ('refusal' in asked ? asked.refusal : undefined);
  if (unread || !known) return refuse(visit, call, unread as Refusal);
  if (!deployment) return refuse(visit, call, vendor.unknownDeployment(name));

  const about = { ordinal: arrival.ordinal, atMs: call.startMs, prompt: call.prompt, deployment: name };
  const effect = faultFor(simulator.faults, about, simulator.seed);
  if (effect && 'error' in effect)
    return refuse(visit, call, faultRefusal(visit, deployment, effect), deployment, effect.afterMs);
  const work = model.prepare(visit, deployment, known.body);
  if ('refusal' in work) return refuse(visit, call, work.refusal, deployment);
  const admitted = admit(visit, deployment, work);
  if ('status' in admitted) return refuse(visit, call, admitted, deployment);
  return work.run(await begin(visit, call, deployment, effect, admitted.lease));
}

/** What the ledger notes of every request. */
export function seenOf({ url, headers }: Visit): Pick<Call, 'url' | 'auth' | 'retries'> {
  const bearer = headers.has('authorization') ? 'bearer' : 'none';
  return {
    url: url.href,
    auth: headers.has('api-key') ? 'api-key' : bearer,
    retries: Number(headers.get('x-stainless-retry-count') ?? 0),
  };
}

function admit(visit: Visit, deployment: Deployment, work: Work): Refusal | { lease: Lease } {
  const { simulator, vendor } = visit;
  const { quota, places } = simulator.stateOf(deployment);
  const { maxConcurrent, name } = deployment;
  if (simulator.ledger.inFlight(name) >= maxConcurrent) {
    const detail = `on concurrent requests: Limit ${maxConcurrent}, Used ${maxConcurrent}, Requested 1`;
    return vendor.rateLimit(deployment, { limited: 'requests', detail, waitMs: BUSY_RETRY_MS });
  }
  if (places.full()) return openAiErrors.overloaded();
  const taken = quota.take(simulator.clock.now(), work.estimatedTokens);
  return 'over' in taken ? vendor.rateLimit(deployment, taken.over) : taken;
}

/** Counts the call as under way and waits for its place. */
async function begin(
  visit: Visit,
  call: Call,
  deployment: Deployment,
  effect: FaultEffect | undefined,
  lease: Lease,
): Promise<Job> {
  const { simulator, arrival } = visit;
  const { ledger, clock } = simulator;
  const { places } = simulator.stateOf(deployment);
  const rates = rateHeaders(visit, deployment);
  ledger.begin(call);
  let slowdown: number;
  try {
    slowdown = await places.enter(arrival.signal);
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    lease.settle(0);
    throw aborted;
  }
  const beganMs = clock.now();
  call.queuedMs = beganMs - call.startMs;
  if (effect && 'slowdown' in effect) slowdown *= effect.slowdown;
  return {
    visit,
    call,
    deployment,
    effect,
    beganMs,
    slowdown,
    headers: () => responseHeaders(visit, call, rates),
    end(end) {
      if (call.outcome !== 'open') return;
      ledger.close(call, { endMs: clock.now(), ...end });
      places.leave();
      lease.settle(call.tokens.input + call.tokens.output);
    },
  };
}

function faultRefusal(
  { vendor }: Visit,
  deployment: Deployment,
  { error, retryAfterMs }: Extract<FaultEffect, { error: string }>,
): Refusal {
  switch (error) {
    case 'rate_limit': {
      const detail = 'on requests per min (RPM)';
      return vendor.rateLimit(deployment, {
        limited: 'requests',
        detail,
        waitMs: retryAfterMs ?? BUSY_RETRY_MS,
      });
    }
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

/** Ends a call with an error answer. */
export async function refuse(
  visit: Visit,
  call: Call,
  refusal: Refusal,
  deployment?: Deployment,
  afterMs = REFUSAL_MS,
): Promise<Response> {
  const { simulator, arrival } = visit;
  const { clock, ledger } = simulator;
  const { status, code } = refusal;
  try {
    await clock.sleep(afterMs, arrival.signal);
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    throw aborted;
  }
  ledger.close(call, { outcome: 'refused', status, errorCode: code, endMs: clock.now() });
  const hidden = !deployment || (status === 429 && deployment.quota?.headersOn429 === false);
  const rates = hidden ? {} : rateHeaders(visit, deployment);
  return errorResponse(visit, refusal, responseHeaders(visit, call, rates));
}

export function errorResponse(
  { vendor }: Visit,
  refusal: Refusal,
  headers: Record<string, string>,
): Response {
  const { status, retryAfterMs } = refusal;
  const wait = retryAfterMs !== undefined && {
    'retry-after': String(Math.ceil(retryAfterMs / 1000)),
    'retry-after-ms': String(retryAfterMs),
  };
  return Response.json(vendor.errorBody(refusal), { status, headers: { ...headers, ...wait } });
}

/** The vendor's headers of one answer. */
export function responseHeaders(
  { simulator, vendor }: Visit,
  call: Call,
  rates: Record<string, string> = {},
): Record<string, string> {
  const id = requestId(simulator.seed, call.id);
  return { ...vendor.headers(id, Math.round(simulator.clock.now() - call.startMs)), ...rates };
}

function rateHeaders({ simulator }: Visit, deployment: Deployment): Record<string, string> {
  return deployment.quota ? simulator.stateOf(deployment).quota.headers(simulator.clock.now()) : {};
}

export function requestId(seed: number, id: number): string {
  return `req_${hash32(`${seed} request ${id}`).toString(16).padStart(8, '0')}`;
}
