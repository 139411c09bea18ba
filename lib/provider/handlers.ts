import type { HttpHandler } from 'msw';
import { azureErrors, openAiErrors, type Refusal } from './errors.ts';
import { answerService, SERVICES_URL } from './media/services.ts';
import { refuse, seenOf } from './refuse.ts';
import { RouteHandler } from './route-handler.ts';
import { type Route, routes } from './routes.ts';
import type { Simulator } from './simulator.ts';
import { azure, openAi, type Vendor } from './vendors.ts';
import type { Visit } from './visit.ts';

/** Carries the number under which a door announced a request. */
export const ARRIVAL_HEADER = 'x-workbook-arrival';

const OPENAI = 'https://api.openai.com/v1';
const AZURE = 'https://*.openai.azure.com/openai';

/** All hosts that the provider serves, besides the resources under openai.azure.com. */
export const HOSTS = new Map([
  ['api.openai.com', 'openai'],
  [new URL(SERVICES_URL).hostname, 'services'],
]);

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
    add('services other', handleServices(simulator)),
  ];
  return {
    all: [...all, ...others],
    candidates(method, { hostname, pathname }) {
      const host = HOSTS.get(hostname) ?? 'azure';
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
  return new RouteHandler(route.method, pattern, (request, params) => {
    const visit = visitOf(simulator, vendor, request, params);
    const refused = dated ? refuseVersion(visit.url.searchParams.get('api-version')) : undefined;
    if (refused) return refuseRoute(visit, refused);
    return route.answer(visit);
  });
}

/** The dated API needs a date; `preview` versions are taken as well. */
function refuseVersion(version: string | null): Refusal | undefined {
  if (version === null) return azureErrors.noApiVersion();
  return /^\d{4}-\d{2}-\d{2}(-preview)?$/.test(version) ? undefined : azureErrors.badApiVersion();
}

/** What is under a vendor's address but not simulated gets an answer that says so. */
function handleOther(simulator: Simulator, vendor: Vendor, pattern: string): HttpHandler {
  return new RouteHandler('all', pattern, (request) => {
    const visit = visitOf(simulator, vendor, request, {});
    const refused = vendor.refuseCredentials(visit.headers);
    return refuseRoute(visit, refused ?? openAiErrors.unknownUrl(request.method, visit.url.pathname));
  });
}

function handleServices(simulator: Simulator): HttpHandler {
  return new RouteHandler('post', `${SERVICES_URL}/:service`, (request, params) =>
    answerService(visitOf(simulator, openAi, request, params)),
  );
}

function refuseRoute(visit: Visit, refusal: Refusal): Promise<Response> {
  const { simulator, vendor } = visit;
  const startMs = simulator.clock.now();
  const call = simulator.ledger.open({
    vendor: vendor.name,
    deployment: '',
    model: '',
    ...seenOf(visit),
    startMs,
  });
  return refuse(visit, call, refusal);
}

function visitOf(
  simulator: Simulator,
  vendor: Vendor,
  request: Request,
  params: Readonly<Record<string, string>>,
): Visit {
  const arrival = simulator.arrival(Number(request.headers.get(ARRIVAL_HEADER)));
  return {
    simulator,
    vendor,
    method: request.method,
    url: arrival.url,
    headers: request.headers,
    arrival,
    params,
  };
}
