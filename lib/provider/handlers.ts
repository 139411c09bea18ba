import { type HttpHandler, http } from 'msw';
import { answerChat } from './chat.ts';
import { azureErrors } from './errors.ts';
import type { Arrival, Simulator } from './simulator.ts';
import { azure, openAi } from './vendors.ts';

/** Carries the number under which a door announced a request. */
export const ARRIVAL_HEADER = 'x-workbook-arrival';

/** The provider as MSW request handlers: one set, behind every door. */
export function createHandlers(simulator: Simulator): HttpHandler[] {
  return [
    http.post('https://api.openai.com/v1/chat/completions', ({ request }) =>
      answerChat({ simulator, vendor: openAi }, request.headers, arrivalOf(simulator, request)),
    ),
    http.post(
      'https://*.openai.azure.com/openai/deployments/:deployment/chat/completions',
      ({ request, params }) => {
        const arrival = arrivalOf(simulator, request);
        if (!new URL(request.url).searchParams.has('api-version')) {
          const { status, ...refusal } = azureErrors.noApiVersion();
          return Response.json(azure.errorBody({ status, ...refusal }), { status });
        }
        const deploymentInUrl = String(params['deployment']);
        return answerChat({ simulator, vendor: azure, deploymentInUrl }, request.headers, arrival);
      },
    ),
    http.post('https://*.openai.azure.com/openai/v1/chat/completions', ({ request }) =>
      answerChat({ simulator, vendor: azure }, request.headers, arrivalOf(simulator, request)),
    ),
  ];
}

function arrivalOf(simulator: Simulator, request: Request): Arrival {
  return simulator.arrival(Number(request.headers.get(ARRIVAL_HEADER)));
}
