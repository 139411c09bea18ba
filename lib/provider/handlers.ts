import { type HttpHandler, http } from 'msw';
import { azureErrors, openAiErrors } from './errors.ts';
import { type Route, routes } from './routes.ts';
import type { Simulator } from './simulator.ts';
import { azure, openAi, type Vendor } from './vendors.ts';
import { type errorResponse, refuse, type Visit } from './visit.ts';

/** Carries the number under which a door announced a request. */
export const ARRIVAL_HEADER = 'x-workbook-arrival';

const OPENAI = 'https://api.openai.com/v1';
const AZURE = 'https://*.openai.azure.com/openai';

/** The provider as MSW request handlers: one set, behind every door. */
export interface Handlers {
  all: readonly HttpHandler[];
  /** The few of them that can match: MSW tries handlers one by one, at a cost each. */
  candidates(method: string, url: URL): HttpHandler[];
}

export function createHandlers(simulator: Simulator): Handlers {
  const groups = new Map<string, HttpHandler[]>();
  const add = (key: string, handler: HttpHandler) => {
    const group = groups.get(key) ?? [];
    group.push(handler);
    groups.set(key, group);
    return handler;
  };
  const all = routes.flatMap((route) => {
    const key = (host: string) => `${host} ${route.method} ${route.path.split('/')[1]}`;
    const dated = route.perDeployment ? `${AZURE}/deployments/:deployment${route.path}` : AZURE + route.path;
    return [
      add(key('openai'), handle(simulator, route, openAi, OPENAI + route.path)),
      add(key('azure'), handle(simulator, route, azure, `${AZURE}/v1${route.path}`)),
      add(key('azure'), handle(simulator, route, azure, dated, true)),
    ];
  });
  const others = [
    add('openai other', handleOther(simulator, openAi, `${OPENAI}/*`)),
    add('azure other', handleOther(simulator, azure, `${AZURE}/*`)),
  ];
  return {
    all: [...all, ...others],
    candidates(method, { hostname, pathname }) {
      const host = hostname === 'api.openai.com' ? 'openai' : 'azure';
      const [, ...path] = pathname.split('/');
      if (host === 'azure') path.shift();
      if (path[0] === 'v1') path.shift();
      else if (path[0] === 'deployments') path.splice(0, 2);
      const group = groups.get(`${host} ${method.toLowerCase()} ${path[0]}`) ?? [];
      return [...group, ...(groups.get(`${host} other`) ?? [])];
    },
  };
}

function handle(
  simulator: Simulator,
  route: Route,
  vendor: Vendor,
  pattern: string,
  dated = false,
): HttpHandler {
  return http[route.method](pattern, ({ request, params }) => {
    const visit = visitOf(simulator, vendor, request, params);
    if (dated && !visit.url.searchParams.has('api-version'))
      return refuseRoute(visit, azureErrors.noApiVersion());
    return route.answer(visit);
  });
}

/** What is under a vendor's address but not simulated gets an answer that says so. */
function handleOther(simulator: Simulator, vendor: Vendor, pattern: string): HttpHandler {
  return http.all(pattern, ({ request }) => {
    const visit = visitOf(simulator, vendor, request, {});
    const refused = vendor.refuseCredentials(visit.headers);
    return refuseRoute(visit, refused ?? openAiErrors.unknownUrl(request.method, visit.url.pathname));
  });
}

function refuseRoute(visit: Visit, refusal: Parameters<typeof errorResponse>[1]): Promise<Response> {
  const { simulator, vendor } = visit;
  const startMs = simulator.clock.now();
  const call = simulator.ledger.open({ vendor: vendor.name, deployment: '', model: '', startMs });
  return refuse(visit, call, refusal);
}

function visitOf(
  simulator: Simulator,
  vendor: Vendor,
  request: Request,
  params: Readonly<Record<string, string | readonly string[] | undefined>>,
): Visit {
  return {
    simulator,
    vendor,
    method: request.method,
    url: new URL(request.url),
    headers: request.headers,
    arrival: simulator.arrival(Number(request.headers.get(ARRIVAL_HEADER))),
    params: params as Record<string, string>,
  };
}
