import type {
  ContentFilterResultsForChoiceOutput,
  ContentFilterResultsForPromptOutput,
} from '@azure/openai/types';
import { azureErrors, openAiErrors, type Refusal } from './errors.ts';
import type { Deployment } from './provider-plan.ts';
import type { OverQuota } from './quota.ts';
import type { WireRequest } from './wire.ts';

/** Where OpenAI and Azure OpenAI differ on the wire. */
export interface Vendor {
  name: 'openai' | 'azure';
  /** Why the request may not come in, judged by its credentials; undefined if it may. */
  refuseCredentials(headers: WireRequest['headers']): Refusal | undefined;
  unknownDeployment(name: string): Refusal;
  rateLimit(deployment: Deployment, over: OverQuota): Refusal;
  blockedPrompt(): Refusal;
  errorBody(refusal: Refusal): { error: Record<string, unknown> };
  /** Headers that every answer carries. */
  headers(requestId: string, processingMs: number): Record<string, string>;
  /** Added to the body of an answer, or to the first chunk of a stream. */
  promptExtras: { prompt_filter_results?: ContentFilterResultsForPromptOutput[] };
  /** Added to each choice. */
  choiceExtras: { content_filter_results?: ContentFilterResultsForChoiceOutput };
}

/** The keys that the simulated accounts accept. They open nothing anywhere else. */
export const SIMULATED_KEY = 'sk-simulated-0000-not-a-secret';

const SAFE = { severity: 'safe', filtered: false } as const;
const SAFE_CONTENT = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };

export const openAi: Vendor = {
  name: 'openai',
  refuseCredentials(headers) {
    const key = bearer(headers);
    if (key === undefined) return openAiErrors.noKey();
    return key === SIMULATED_KEY ? undefined : openAiErrors.badKey(key);
  },
  unknownDeployment: openAiErrors.unknownModel,
  rateLimit: ({ model }, { limited, detail, waitMs }) =>
    openAiErrors.rateLimit(model, limited, detail, waitMs),
  blockedPrompt: openAiErrors.invalidPrompt,
  errorBody: ({ message, type, param, code }) => ({ error: { message, type, param, code } }),
  headers: (requestId, processingMs) => ({
    'x-request-id': requestId,
    'openai-organization': 'workbook',
    'openai-processing-ms': String(processingMs),
    'openai-version': '2020-10-01',
  }),
  promptExtras: {},
  choiceExtras: {},
};

export const azure: Vendor = {
  name: 'azure',
  refuseCredentials(headers) {
    return (headers['api-key'] ?? bearer(headers)) === SIMULATED_KEY ? undefined : azureErrors.badKey();
  },
  unknownDeployment: azureErrors.unknownDeployment,
  // A request larger than the whole limit is told the next minute too: Azure has no other words for it.
  rateLimit: (_deployment, { waitMs = 60_000 }) => azureErrors.rateLimit(waitMs),
  blockedPrompt: azureErrors.blockedPrompt,
  errorBody: ({ message, type, param, code, extra }) => ({
    // Azure's own errors carry neither type nor param; those that come from the model do.
    error: type === null ? { code, message, ...extra } : { message, type, param, code, ...extra },
  }),
  headers: (requestId, processingMs) => ({
    'x-request-id': requestId,
    'apim-request-id': requestId,
    'x-ms-client-request-id': requestId,
    'x-ms-region': 'Sweden Central',
    'azureml-model-session': 'workbook-0',
    'x-envoy-upstream-service-time': String(processingMs),
  }),
  promptExtras: {
    prompt_filter_results: [
      {
        prompt_index: 0,
        content_filter_results: { ...SAFE_CONTENT, jailbreak: { filtered: false, detected: false } },
      },
    ],
  },
  choiceExtras: { content_filter_results: SAFE_CONTENT },
};

function bearer(headers: WireRequest['headers']): string | undefined {
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
}
