import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions';
import { parseChatBody } from './chat-body.ts';
import { type ChatJob, responseHeaders } from './chat-job.ts';
import { type ChatPlan, lastUserText, planChat } from './chat-plan.ts';
import { streamChat } from './chat-stream.ts';
import { answerWhole } from './chat-whole.ts';
import { openAiErrors, type Refusal } from './errors.ts';
import { type FaultEffect, faultFor } from './faults.ts';
import type { Call } from './ledger.ts';
import { findModel, type Model } from './models.ts';
import type { Deployment } from './plan.ts';
import type { Arrival, Simulator } from './simulator.ts';
import type { Vendor } from './vendors.ts';

/** Errors do not wait for a model, so they come back fast. */
const REFUSAL_MS = 20;
/** What a client is told to wait when all places of a deployment are taken. */
const BUSY_RETRY_MS = 1000;

export interface ChatRoute {
  simulator: Simulator;
  vendor: Vendor;
  /** The deployment named in the URL; undefined where the body's `model` names it. */
  deploymentInUrl?: string;
}

/** Answers one chat completion request: admission, planning, waiting, billing. */
export async function answerChat(route: ChatRoute, headers: Headers, arrival: Arrival): Promise<Response> {
  const { simulator, vendor } = route;
  const parsed = parseChatBody(arrival.text);
  const body = 'body' in parsed ? parsed.body : undefined;
  const name = route.deploymentInUrl ?? body?.model ?? '';
  const deployment = simulator.deployment(vendor.name, name);
  const call = simulator.ledger.open({
    vendor: vendor.name,
    deployment: name,
    model: deployment?.model ?? body?.model ?? '',
    prompt: body ? lastUserText(body) : '',
    retries: Number(headers.get('x-stainless-retry-count') ?? 0),
    stream: body?.stream === true,
    startMs: simulator.clock.now(),
  });
  const refused = vendor.refuseCredentials(headers) ?? ('refusal' in parsed ? parsed.refusal : undefined);
  if (refused || !body) return refuse(route, call, refused as Refusal, arrival);
  if (!deployment) return refuse(route, call, vendor.unknownDeployment(name), arrival);

  const effect = faultFor(
    simulator.faults,
    { ordinal: arrival.ordinal, atMs: call.startMs, prompt: call.prompt, deployment: name },
    simulator.seed,
  );
  const plan = planChat(simulator, deployment, body, arrival.repeat);
  const refusal = admit(route, deployment, body, plan, effect);
  if (refusal) return refuse(route, call, refusal, arrival);

  simulator.ledger.begin(call);
  const job: ChatJob = { simulator, vendor, call, plan, body, effect, signal: arrival.signal };
  return body.stream === true ? streamChat(job) : answerWhole(job);
}

function admit(
  { simulator, vendor }: ChatRoute,
  deployment: Deployment,
  body: ChatCompletionCreateParams,
  plan: ChatPlan,
  effect: FaultEffect | undefined,
): Refusal | undefined {
  if (effect && 'error' in effect) return faultRefusal(vendor, deployment, effect);
  const { contextTokens } = findModel(deployment.model) as Model;
  const asked = body.max_completion_tokens ?? body.max_tokens ?? 0;
  if (plan.inputTokens + asked > contextTokens)
    return openAiErrors.contextLength(contextTokens, plan.inputTokens, asked);
  if (simulator.ledger.inFlight(deployment.name) >= deployment.maxConcurrent) {
    const detail = `on concurrent requests: Limit ${deployment.maxConcurrent}, Used ${deployment.maxConcurrent}`;
    return vendor.rateLimit(deployment, detail, BUSY_RETRY_MS);
  }
  return undefined;
}

function faultRefusal(
  vendor: Vendor,
  deployment: Deployment,
  effect: Extract<FaultEffect, { error: string }>,
): Refusal {
  switch (effect.error) {
    case 'rate_limit':
      return vendor.rateLimit(deployment, 'on requests per min (RPM)', effect.retryAfterMs ?? BUSY_RETRY_MS);
    case 'server_error':
      return openAiErrors.serverError(effect.retryAfterMs);
    case 'overloaded':
      return openAiErrors.overloaded(effect.retryAfterMs);
    case 'invalid_prompt':
      return openAiErrors.invalidPrompt();
  }
}

async function refuse(
  route: ChatRoute,
  call: Call,
  refusal: Refusal,
  { signal }: Arrival,
): Promise<Response> {
  const { simulator, vendor } = route;
  const { status, code, retryAfterMs } = refusal;
  try {
    await simulator.clock.sleep(REFUSAL_MS, signal);
  } catch (aborted) {
    simulator.ledger.close(call, { outcome: 'aborted', endMs: simulator.clock.now() });
    throw aborted;
  }
  simulator.ledger.close(call, { outcome: 'refused', status, errorCode: code, endMs: simulator.clock.now() });
  const headers = responseHeaders({ simulator, vendor, call });
  if (retryAfterMs !== undefined) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000));
    headers['retry-after-ms'] = String(retryAfterMs);
  }
  return Response.json(vendor.errorBody(refusal), { status, headers });
}
