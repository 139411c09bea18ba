import type { AzureOpenAI } from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';

export interface Deployment {
  name: string;
  /** Calls at one time that are paid for in advance. Without it every call is paid by the token. */
  places?: number;
}

export interface Request {
  /** A tenant's requests begin with the same long prompt, which a deployment caches when it has seen it. */
  tenant: string;
  messages: ChatCompletionMessageParam[];
  /** Shows the answer while it is written. What was shown cannot be taken back. */
  onToken?: (text: string) => void;
}

export interface RouterOptions {
  client: AzureOpenAI;
  deployments: readonly Deployment[];
  random: () => number;
}

/** Sends each request to one of several deployments of the same model. */
export class Router {
  readonly options: RouterOptions;
  #turn = 0;
  constructor(options: RouterOptions) {
    this.options = options;
  }

  // TODO: taking turns knows nothing of money, load, failures, waits or caches; who fails, fails for the caller.
  pick(_request: Request): Deployment {
    return this.options.deployments[this.#turn++ % this.options.deployments.length] as Deployment;
  }

  /** What became of a call, for `pick` to learn from: how long it took, and the error if it failed. */
  report(_deployment: Deployment, _ms: number, _error?: unknown): void {}

  async call(request: Request): Promise<string> {
    return await send(this.options.client, this.pick(request), request);
  }
}

/** One attempt. Rejects with the SDK's error. */
async function send(client: AzureOpenAI, { name }: Deployment, request: Request, signal?: AbortSignal) {
  const body = { model: name, messages: request.messages };
  const options = { signal, maxRetries: 0 };
  const whole = !request.onToken && (await client.chat.completions.create(body, options));
  if (whole) return whole.choices[0]?.message.content ?? '';
  const stream = await client.chat.completions.create({ ...body, stream: true }, options);
  let text = '';
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? '';
    if (choices[0]?.delta.content) request.onToken?.(choices[0].delta.content);
  }
  return text;
}
