import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';

export interface Deployment {
  name: string;
  /** Calls at one time that are paid for in advance. Without it every call is paid by the token. */
  places?: number;
  /** What it can do, compared with the others, as somebody has written it down. */
  weight?: number;
}

export interface Request {
  /** A tenant's requests begin with the same long prompt, which a deployment caches when it has seen it. */
  tenant?: string;
  messages: ChatCompletionMessageParam[];
  /** Shows the answer while it is written. What was shown cannot be taken back. */
  onToken?: (text: string) => void;
}

/** What a balancer may look at: calls under way now, and how long answers took lately. */
export interface Candidate {
  deployment: Deployment;
  inFlight: number;
  meanMs: number;
}

export interface RouterOptions {
  deployments: readonly Deployment[];
  /** One attempt. Rejects with the SDK's error, also when the signal stops it. */
  send: (deployment: Deployment, request: Request, signal?: AbortSignal) => Promise<string>;
  /** Chooses among deployments that are equally fit: one of those in `balancers.ts` beside this folder, or of your own. */
  balance: (candidates: readonly Candidate[], random: () => number) => Candidate;
  random: () => number;
}
