import { openAiErrors, type Refusal } from './errors.ts';
import type { FaultEffect } from './faults.ts';
import type { Call, Surface } from './ledger.ts';
import type { Deployment } from './provider-plan.ts';
import type { Lease } from './quota.ts';
import { pauseFor, withTextsAhead } from './read-ahead.ts';
import { BUSY_RETRY_MS, faultRefusal, rateHeaders, refuse, responseHeaders, seenOf } from './refuse.ts';
import { atOnce, inTurns, type Steps } from './steps.ts';
import type { Visit } from './visitor.ts';
import type { WireAnswer } from './wire.ts';

export type { Visit };

/** What a route for models reads out of a request before it is admitted. */
export interface Asked<B> {
  body: B;
  model: string;
  prompt: string;
  stream: boolean;
  inputs?: number;
  /** On flex terms. */
  flex?: boolean;
}

/** What a request needs, once it is known on which deployment. */
export interface Prepared {
  /** Input and output cap, as the vendor estimates them for its quota. */
  estimatedTokens: number;
  run(job: Job): Promise<WireAnswer>;
}

/** How one surface (chat, embeddings, …) reads, checks and answers. */
export interface ModelSurface<B> {
  surface: Surface;
  /** Where the URL names the deployment, the body need not name a model. */
  read(visit: Visit): Steps<Asked<B> | { refusal: Refusal }>;
  prepare(visit: Visit, deployment: Deployment, body: B): Steps<Prepared | { refusal: Refusal }>;
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

/** Admits a request to a model and lets it be answered, or refuses it in the vendor's words. */
export async function serveModel<B>(visit: Visit, model: ModelSurface<B>): Promise<WireAnswer> {
  const { simulator, vendor, request, ordinal, params } = visit;
  const pause = pauseFor(visit);
  const reading = model.read(visit);
  const asked = pause ? await inTurns(reading, pause) : atOnce(reading);
  const known = 'refusal' in asked ? undefined : asked;
  const asksFor = params.deployment ?? known?.model ?? '';
  const deployment = simulator.deployment(vendor.name, asksFor);
  const name = deployment?.name ?? asksFor;
  const { url, auth, retries } = seenOf(visit);
  const call = simulator.ledger.open({
    surface: model.surface,
    vendor: vendor.name,
    deployment: name,
    model: deployment?.model ?? known?.model ?? '',
    prompt: known?.prompt ?? '',
    url,
    auth,
    retries,
    stream: known?.stream ?? false,
    inputs: known?.inputs ?? 0,
    startMs: simulator.clock.now(),
  });
  const unread =
    vendor.refuseCredentials(request.headers) ?? ('refusal' in asked ? asked.refusal : undefined);
  if (unread || !known) return refuse(visit, call, unread as Refusal);
  if (!deployment) return refuse(visit, call, vendor.unknownDeployment(name));

  const { flex = false } = known;
  const { startMs: atMs, prompt } = call;
  const about = { ordinal, repeat: visit.repeat, atMs, prompt, deployment: name, flex };
  const effect = simulator.effectFor(about);
  if (effect && 'error' in effect)
    return refuse(visit, call, faultRefusal(visit, deployment, effect), deployment, effect.afterMs);
  const scripted = effect && 'answer' in effect ? { ...visit, scripted: effect.answer } : visit;
  const preparing = model.prepare(scripted, deployment, known.body);
  const work = pause
    ? await inTurns(withTextsAhead(deployment, known.body, preparing), pause)
    : atOnce(preparing);
  if ('refusal' in work) return refuse(visit, call, work.refusal, deployment);
  const admitted = admit(visit, deployment, work);
  if ('status' in admitted) return refuse(visit, call, admitted, deployment);
  return work.run(await begin(visit, call, deployment, effect, admitted.lease));
}

function admit(visit: Visit, deployment: Deployment, work: Prepared): Refusal | { lease: Lease } {
  const { simulator, vendor } = visit;
  const { quota, seats } = simulator.stateOf(deployment);
  const { maxConcurrent, name } = deployment;
  if (simulator.ledger.inFlight(name) >= maxConcurrent) {
    const detail = `on concurrent requests: Limit ${maxConcurrent}, Used ${maxConcurrent}, Requested 1`;
    return vendor.rateLimit(deployment, {
      limited: 'requests',
      detail,
      waitMs: simulator.clientMs(BUSY_RETRY_MS),
    });
  }
  if (seats.full()) return openAiErrors.overloaded();
  const taken = quota.take(simulator.clock.now(), work.estimatedTokens);
  if (!('over' in taken)) return taken;
  const { waitMs, ...over } = taken.over;
  return vendor.rateLimit(deployment, {
    ...over,
    waitMs: waitMs === undefined ? undefined : simulator.clientMs(waitMs),
  });
}

/** Counts the call as under way and waits for its place. */
async function begin(
  visit: Visit,
  call: Call,
  deployment: Deployment,
  effect: FaultEffect | undefined,
  lease: Lease,
): Promise<Job> {
  const { simulator, request } = visit;
  const { ledger, clock } = simulator;
  const { seats } = simulator.stateOf(deployment);
  const rates = rateHeaders(visit, deployment);
  ledger.begin(call);
  let slowdown: number;
  try {
    if (effect && 'delayMs' in effect) await clock.sleep(effect.delayMs, request.signal);
    slowdown = await seats.enter(request.signal);
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
    headers() {
      return responseHeaders(visit, call, rates);
    },
    end(end) {
      if (call.outcome !== 'open') return;
      ledger.close(call, { endMs: clock.now(), ...end });
      seats.leave();
      lease.settle(call.tokens.input + call.tokens.output);
    },
  };
}
