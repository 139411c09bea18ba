import { HttpHandler } from 'msw';

/** What a route gets to see of a request. */
export type AnswerRoute = (request: Request, params: Record<string, string>) => Promise<Response>;

type Run = HttpHandler['run'];

/**
 * An MSW request handler for one route. It is found, run and answered through MSW's `getResponse` like any other; it only
 * leaves out of MSW's run what no route here reads and what costs more than the simulation itself: a clone of the request
 * for life-cycle events, the cookie jar, and a path pattern compiled anew for every request.
 */
export class RouteHandler extends HttpHandler {
  readonly #pattern: RegExp;
  readonly #anyMethod: boolean;
  readonly #answer: AnswerRoute;

  constructor(method: string, path: string, answer: AnswerRoute) {
    // MSW reads the call stack of each handler, for a warning that no route here can cause. Mapping it back to the
    // sources took 3 % of a run's time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(method.toUpperCase(), path, ({ request, params }) =>
      answer(request, params as Record<string, string>),
    );
    Error.stackTraceLimit = stackTraceLimit;
    this.#pattern = patternOf(path);
    this.#anyMethod = method === 'all';
    this.#answer = answer;
  }

  override async run({ request, requestId }: Parameters<Run>[0]): ReturnType<Run> {
    if (!this.#anyMethod && request.method !== this.info.method) return null;
    const match = this.#pattern.exec(request.url);
    if (!match) return null;
    const params: Record<string, string> = {};
    for (const [name, value] of Object.entries(match.groups ?? {})) params[name] = decodeURIComponent(value);
    const response = await this.#answer(request, params);
    return {
      handler: this,
      request,
      requestId,
      response,
      parsedResult: { match: { matches: true, params }, cookies: {} },
    };
  }
}

/** A path as MSW writes it (`*` and `:name`), for an address with or without a query. */
function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.?+^$()[\]{}|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/(?<=\/):(\w+)/g, '(?<$1>[^/?]+)');
  return new RegExp(`^${source}/?(?:\\?.*)?$`);
}
