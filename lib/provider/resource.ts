import { openAiErrors, type Refusal } from './errors.ts';
import { refuse, responseHeaders, seenOf } from './refuse.ts';
import type { Visit } from './visit.ts';

/** Routes that only look something up are this fast. */
const LOOKUP_MS = 40;

/** An answer as JSON, or as it is. */
export type Found = object | { refusal: Refusal } | Response;

/**
 * Serves a route that keeps or shows something: credentials, a short wait, the answer. It is in the ledger like every
 * attempt, and costs nothing.
 */
export async function answerResource(visit: Visit, find: () => Found | Promise<Found>): Promise<Response> {
  const { simulator, vendor, arrival, headers } = visit;
  const { clock, ledger } = simulator;
  const call = ledger.open({
    vendor: vendor.name,
    deployment: '',
    model: '',
    prompt: `${visit.method} ${visit.url.pathname}`,
    ...seenOf(visit),
    startMs: clock.now(),
  });
  const refused = vendor.refuseCredentials(headers);
  if (refused) return refuse(visit, call, refused);
  const found = await find();
  if ('refusal' in found) return refuse(visit, call, found.refusal);
  try {
    await clock.sleep(LOOKUP_MS, arrival.signal);
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    throw aborted;
  }
  ledger.close(call, { outcome: 'answered', status: 200, headersMs: clock.now(), endMs: clock.now() });
  if (found instanceof Response) return found;
  return Response.json(found, { headers: responseHeaders(visit, call) });
}

export function notFound(message: string, param: string | null = null): { refusal: Refusal } {
  return { refusal: openAiErrors.notFound(message, param) };
}

/** One page of a list, newest first, as OpenAI pages: `limit`, `after`. */
export function listPage<T extends { id: string }>(all: Iterable<T>, query: URLSearchParams): object {
  const newest = [...all].reverse();
  const after = query.get('after');
  const from = after === null ? 0 : newest.findIndex((item) => item.id === after) + 1;
  const limit = Number(query.get('limit') ?? 20);
  const data = newest.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < newest.length,
  };
}
