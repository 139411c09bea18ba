import { getResponse } from 'msw';
import { ARRIVAL_HEADER, type Handlers, HOSTS } from './handlers.ts';
import type { Arrival, Simulator } from './simulator.ts';

/** A request that the provider does not serve. Nothing here ever reaches the network. */
export class NetworkRefused extends TypeError {
  override readonly name = 'NetworkRefused';
  readonly url: string;

  constructor(method: string, url: string) {
    super(
      `${method} ${url} was not sent: the workbook has no network, only its simulated provider. ` +
        'Use the client that the lab hands you, and one of the routes that the provider serves.',
    );
    this.url = url;
  }
}

/**
 * A `fetch` that answers from MSW handlers. MSW's own interceptor is left out on purpose: in its version 2 a mocked
 * 429 makes the OpenAI SDK's retry wait for ever, and so does breaking out of a stream (mswjs/interceptors#799).
 * Aborting is therefore wired here: it rejects before the headers, and the handlers end the body after them.
 *
 * The body is handed over beside the request, not in it: MSW clones each request, and cloning a body costs more than
 * everything else on this road.
 */
export function createFetch(
  simulator: Simulator,
  handlers: Handlers,
  onRefused?: (url: string) => void,
): typeof fetch {
  return async (input, init) => {
    const asked = input instanceof Request ? input : undefined;
    const signal = init?.signal ?? asked?.signal;
    const url = new URL(asked ? asked.url : (input as string | URL));
    // With the body in hand the request is announced at once, in the order in which clients call.
    const announced = announce(simulator, asked, init, { url, signal });
    signal?.throwIfAborted();
    const method = init?.method ?? asked?.method ?? 'GET';
    const candidates = isVendor(url) ? handlers.candidates(method, url) : [];
    if (candidates.length === 0) {
      simulator.arrival(announced ?? simulator.arrive({ text: '', url, signal }));
      onRefused?.(url.href);
      throw new NetworkRefused(method, url.href);
    }
    const arrival = announced ?? (await announceRead(simulator, new Request(input, init), { url, signal }));
    const request = new Request(url, { method, headers: init?.headers ?? asked?.headers });
    request.headers.set(ARRIVAL_HEADER, String(arrival));
    // A handler that is aborted while it waits rejects with the signal's reason.
    return (await getResponse(candidates, request)) as Response;
  };
}

function isVendor({ hostname, pathname }: URL): boolean {
  if (HOSTS.has(hostname)) return pathname.startsWith('/v1/');
  return hostname.endsWith('.openai.azure.com') && pathname.startsWith('/openai/');
}

type Where = Pick<Arrival, 'url' | 'signal'>;

/** Announces a request whose body is in hand; undefined if it must be read first. */
function announce(
  simulator: Simulator,
  asked: Request | undefined,
  init: RequestInit | undefined,
  where: Where,
): number | undefined {
  const { body } = init ?? {};
  if (typeof body === 'string') return simulator.arrive({ text: body, ...where });
  if (body instanceof FormData) return simulator.arrive({ text: '', form: body, ...where });
  if (body == null && !asked) return simulator.arrive({ text: '', ...where });
  return undefined;
}

async function announceRead(simulator: Simulator, request: Request, where: Where): Promise<number> {
  const isForm = request.headers.get('content-type')?.startsWith('multipart/form-data');
  if (isForm) return simulator.arrive({ text: '', form: await request.formData(), ...where });
  return simulator.arrive({ text: await request.text(), ...where });
}
