import { getResponse } from 'msw';
import { ARRIVAL_HEADER, type Handlers, HOSTS } from './handlers.ts';
import type { Simulator } from './simulator.ts';

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
    const signal = init?.signal ?? (input instanceof Request ? input.signal : NEVER);
    // With the body in hand the request is announced at once, in the order in which clients call.
    const announced = announce(simulator, input, init, signal);
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    const url = new URL(input instanceof Request ? input.url : input);
    const candidates = isVendor(url) ? handlers.candidates(method, url) : [];
    if (candidates.length === 0) {
      simulator.arrival(announced ?? simulator.arrive({ text: '', signal }));
      onRefused?.(url.href);
      throw new NetworkRefused(method, url.href);
    }
    const arrival = announced ?? (await announceRead(simulator, new Request(input, init), signal));
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set(ARRIVAL_HEADER, String(arrival));
    const answered = getResponse(candidates, new Request(url, { method, headers }));
    return (await unlessAborted(answered, signal)) as Response;
  };
}

const NEVER = new AbortController().signal;

function isVendor({ hostname, pathname }: URL): boolean {
  if (HOSTS.has(hostname)) return pathname.startsWith('/v1/');
  return hostname.endsWith('.openai.azure.com') && pathname.startsWith('/openai/');
}

/** Announces a request whose body is in hand; undefined if it must be read first. */
function announce(
  simulator: Simulator,
  input: string | URL | Request,
  init: RequestInit | undefined,
  signal: AbortSignal,
): number | undefined {
  const { body } = init ?? {};
  if (typeof body === 'string') return simulator.arrive({ text: body, signal });
  if (body instanceof FormData) return simulator.arrive({ text: '', form: body, signal });
  if (body == null && !(input instanceof Request)) return simulator.arrive({ text: '', signal });
  return undefined;
}

async function announceRead(simulator: Simulator, request: Request, signal: AbortSignal): Promise<number> {
  const isForm = request.headers.get('content-type')?.startsWith('multipart/form-data');
  if (isForm) return simulator.arrive({ text: '', form: await request.formData(), signal });
  return simulator.arrive({ text: await request.text(), signal });
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
