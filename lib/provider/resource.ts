import { openAiErrors, type Refusal } from './errors.ts';
import { refuse, responseHeaders, seenOf } from './refuse.ts';
import type { Visit } from './visit.ts';
import { jsonAnswer, type WireAnswer } from './wire.ts';

/** Routes that only look something up are this fast. */
const LOOKUP_MS = 40;

/** An answer as JSON, or as it is. */
export type FoundResource = object | { refusal: Refusal } | RawResource;

/** Something that is not JSON. */
export interface RawResource {
  raw: WireAnswer['body'];
  type: string;
}

/**
 * Serves a route that keeps or shows something: credentials, a short wait, the answer. It is in the ledger like every
 * attempt, and costs nothing.
 */
export async function answerResource(
  visit: Visit,
  find: () => FoundResource | Promise<FoundResource>,
): Promise<WireAnswer> {
  const { simulator, vendor, request } = visit;
  const { clock, ledger } = simulator;
  const call = ledger.open({
    vendor: vendor.name,
    deployment: '',
    model: '',
    prompt: `${request.method} ${visit.path}`,
    ...seenOf(visit),
    startMs: clock.now(),
  });
  const refused = vendor.refuseCredentials(request.headers);
  if (refused) return refuse(visit, call, refused);
  const found = await find();
  if ('refusal' in found) return refuse(visit, call, found.refusal);
  try {
    await clock.sleep(LOOKUP_MS, request.signal);
  } catch (aborted) {
    ledger.close(call, { outcome: 'aborted', endMs: clock.now() });
    throw aborted;
  }
  ledger.close(call, { outcome: 'answered', status: 200, headersMs: clock.now(), endMs: clock.now() });
  const headers = responseHeaders(visit, call);
  if (!('raw' in found)) return jsonAnswer(found, headers);
  const { raw, type } = found as RawResource;
  return { status: 200, headers: { ...headers, 'content-type': type }, body: raw };
}

export function notFound(message: string, param: string | null = null): { refusal: Refusal } {
  return { refusal: openAiErrors.notFound(message, param) };
}

export interface PageOptions {
  /** The order where none is asked for. Default: newest first. */
  order?: 'asc' | 'desc';
  /** Most entries of a page. Default: 100. */
  most?: number;
}

/** One page of a list, as OpenAI pages: `limit`, `after`, `order`. */
export function listPage<T extends { id: string }>(
  all: Iterable<T>,
  { query: asked }: Pick<Visit, 'query'>,
  { order = 'desc', most = 100 }: PageOptions = {},
): FoundResource {
  const query = new URLSearchParams(asked);
  const limit = Number(query.get('limit') ?? 20);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) {
    const text = `Invalid 'limit': expected an integer from 1 to ${most}, but got '${query.get('limit')}' instead.`;
    return { refusal: openAiErrors.badRequest(text, 'limit', 'invalid_value') };
  }
  const way = query.get('order') ?? order;
  if (way !== 'asc' && way !== 'desc') {
    const text = `Invalid value: '${way}'. Supported values are: 'asc' and 'desc'.`;
    return { refusal: openAiErrors.badRequest(text, 'order', 'invalid_value') };
  }
  const sorted = way === 'asc' ? [...all] : [...all].reverse();
  const after = query.get('after');
  const from = after === null ? 0 : sorted.findIndex((item) => item.id === after) + 1;
  const data = sorted.slice(from, from + limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: from + limit < sorted.length,
  };
}
