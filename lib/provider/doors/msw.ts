import { type HttpHandler, HttpResponse, http } from 'msw';
import type { Core } from '../core.ts';
import { routes } from '../routes.ts';
import { pickHeaders } from '../wire.ts';
import { readBody, toResponse } from './fetch.ts';

const OPENAI = 'https://api.openai.com/v1';
const AZURE = 'https://*.openai.azure.com/openai';

/**
 * The provider as MSW request handlers, for a test of your own: `setupServer(...mswHandlers(provider))`. What a vendor has
 * and the provider does not is answered with an error that says so.
 *
 * With MSW 2, whose interceptor keeps a second copy of each answer's body, three things do not work: the SDK never
 * tries again after a 429, `break` out of a stream never returns, and an aborted stream is generated to its end
 * (mswjs/interceptors#799). Whole answers, streams and errors do. MSW 3, which needs Node 22, has none of the three.
 */
export function mswHandlers({ answer }: { answer: Core }): HttpHandler[] {
  const resolve = async ({ request }: { request: Request }) => {
    const { method, url, headers, signal } = request;
    const body = await readBody(request);
    const answered = answer({
      method,
      url,
      headers: pickHeaders((name) => headers.get(name)),
      ...body,
      signal,
    });
    try {
      return answered && toResponse(await answered, signal);
    } catch {
      // The provider dropped the connection, or the client went away.
      return HttpResponse.error();
    }
  };
  return [
    ...routes.flatMap(({ method, path }) => [
      http[method](`${OPENAI}${path}`, resolve),
      http[method](`${AZURE}/v1${path}`, resolve),
      http[method](`${AZURE}/deployments/:deployment${path}`, resolve),
      http[method](`${AZURE}${path}`, resolve),
    ]),
    http.all(`${OPENAI}/*`, resolve),
    http.all(`${AZURE}/*`, resolve),
  ];
}
