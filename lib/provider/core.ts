import { type Address, readAddress } from './address.ts';
import { withBodyAhead } from './body-ahead.ts';
import { azureErrors, openAiErrors, type Refusal } from './errors.ts';
import { TooMuch } from './json-in-steps.ts';
import { answerService } from './media/services.ts';
import { hash32 } from './random.ts';
import { loadAllRanks } from './ranks.ts';
import { refuseUnread } from './refuse.ts';
import { findRoute } from './routes.ts';
import type { Simulator } from './simulator.ts';
import { inTurns } from './steps.ts';
import { azure, openAi } from './vendors.ts';
import type { Visit } from './visit.ts';
import { isLost, type WireAnswer, type WireRequest } from './wire.ts';

/**
 * The provider behind every door: takes and gives plain values, knows no transport. Undefined for an address that is
 * not a vendor's. Rejects when the client goes away (with its signal's reason) or a fault drops the connection.
 */
export type Core = (request: WireRequest) => Promise<WireAnswer> | undefined;

export interface CoreOptions {
  /** Told what should never happen: an error in the provider or a scenario, which the client sees as status 500. */
  onFault: (error: unknown) => void;
  /** Memory that does not grow with the number of requests. */
  constantMemory: boolean;
}

export function createCore(simulator: Simulator, { onFault, constantMemory }: CoreOptions): Core {
  const repeatOf = constantMemory ? countByHash() : countByText();
  let ordinal = 0;
  // A server reads them while nobody waits yet.
  if (simulator.pause) inTurns(loadAllRanks(), simulator.pause).catch(onFault);
  return (request) => {
    const address = readAddress(request.url);
    if (!address) return undefined;
    // Counted at once, in the order in which clients call, so that nothing depends on who is read first.
    ordinal += 1;
    const visit = visitOf(simulator, address, request, ordinal, repeatOf(request.text));
    const { pause } = simulator;
    const answering = pause
      ? withBodyAhead(request.text, pause, () => answer(visit, address))
      : answer(visit, address);
    return answering.catch((error) => {
      if (isLost(error) || request.signal?.aborted) throw error;
      if (error instanceof TooMuch || (error instanceof RangeError && /call stack/.test(error.message)))
        return refuseUnread(visit, TOO_DEEP);
      onFault(error);
      return refuseUnread(visit, openAiErrors.serverError());
    });
  };
}

const TOO_DEEP = openAiErrors.badRequest(
  'Invalid body: it is nested too deeply, or has too many values.',
  null,
);

function visitOf(
  simulator: Simulator,
  { host, path, query, deployment }: Address,
  request: WireRequest,
  ordinal: number,
  repeat: number,
): Visit {
  return {
    simulator,
    vendor: host === 'azure' ? azure : openAi,
    request,
    path,
    query,
    ordinal,
    repeat,
    params: deployment === undefined ? {} : { deployment: decode(deployment) },
  };
}

function answer(visit: Visit, { host, segments, dated, query, path }: Address): Promise<WireAnswer> {
  const { request, vendor, params } = visit;
  if (host === 'services') return answerService({ ...visit, params: { service: segments.join('/') } });
  const route = findRoute(request.method, segments);
  if (!route || 'allowed' in route) {
    const { method } = request;
    const wrong = route ? openAiErrors.wrongMethod(method, path) : openAiErrors.unknownUrl(method, path);
    return refuseUnread(visit, vendor.refuseCredentials(request.headers) ?? wrong);
  }
  const refused = dated ? refuseVersion(new URLSearchParams(query).get('api-version')) : undefined;
  if (refused) return refuseUnread(visit, refused);
  if (route.names.length === 0) return route.answer(visit);
  const found: Record<string, string> = { ...params };
  for (const [name, at] of route.names) found[name] = decode(segments[at] ?? '');
  return route.answer({ ...visit, params: found });
}

/** The dated API needs a date on which there was one; `preview` versions are taken as well. */
function refuseVersion(version: string | null): Refusal | undefined {
  if (version === null) return azureErrors.noApiVersion();
  const [, date] = /^(\d{4}-\d{2}-\d{2})(?:-preview)?$/.exec(version) ?? [];
  return date && date >= FIRST_VERSION && !Number.isNaN(Date.parse(date))
    ? undefined
    : azureErrors.badApiVersion();
}

/** The first dated version of Azure OpenAI (Azure REST API specifications, inference). */
const FIRST_VERSION = '2022-12-01';

/** A part of a path; one that is not valid stays as it is, and so names nothing. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const LONGEST_HASHED = 1_000_000;

/** How many requests with the same body came before. */
type CountRepeats = (text: string) => number;

function countByText(): CountRepeats {
  const seen = new Map<string, number>();
  return (text) => {
    const repeat = seen.get(text) ?? 0;
    seen.set(text, repeat + 1);
    return repeat;
  };
}

/**
 * Constant memory: two texts in a million share a counter, which only changes what is drawn for them. So do long texts of
 * one length with the same beginning.
 */
function countByHash(): CountRepeats {
  const seen = new Uint16Array(1 << 20);
  return (text) => {
    const slot = (hash32(text.slice(0, LONGEST_HASHED)) ^ text.length) & (seen.length - 1);
    const repeat = seen[slot] ?? 0;
    seen[slot] = repeat + 1;
    return repeat;
  };
}
