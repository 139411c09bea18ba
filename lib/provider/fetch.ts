import { getResponse, type HttpHandler } from 'msw';
import { ARRIVAL_HEADER } from './handlers.ts';
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
 */
export function createFetch(
  simulator: Simulator,
  handlers: HttpHandler[],
  onRefused?: (url: string) => void,
): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ?? (input instanceof Request ? input.signal : new AbortController().signal);
    // With a text body in hand the request is announced at once, in the order in which clients call.
    const announced = typeof init?.body === 'string' ? simulator.arrive(init.body, signal) : undefined;
    const request = new Request(input, init);
    const arrival = announced ?? simulator.arrive(await request.clone().text(), signal);
    request.headers.set(ARRIVAL_HEADER, String(arrival));
    const response = await unlessAborted(getResponse(handlers, request), signal);
    if (response) return response;
    simulator.arrival(arrival);
    onRefused?.(request.url);
    throw new NetworkRefused(request.method, request.url);
  };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
