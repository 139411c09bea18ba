import type { Candidate, Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

// TODO: these two always choose the first.
/** Draws one at random: one with twice the `weight` twice as often. */
export function byWeight(candidates: readonly Candidate[], _random: () => number): Candidate {
  return candidates[0] as Candidate;
}

/** Draws one at random: one that is twice as fast twice as often. */
export function byLatency(candidates: readonly Candidate[], _random: () => number): Candidate {
  return candidates[0] as Candidate;
}

/** Sends each request to one of several deployments of the same model. */
export class Router {
  readonly options: RouterOptions;
  #turn = 0;
  constructor(options: RouterOptions) {
    this.options = options;
  }

  /** TODO: taking turns knows nothing of the deployments. */
  pick(_request: Request): Deployment {
    return this.options.deployments[this.#turn++ % this.options.deployments.length] as Deployment;
  }

  /** What became of a call: how long it took, and the error if it failed. For you to call, and to learn from. */
  report(_deployment: Deployment, _ms: number, _error?: unknown): void {}

  /** Called every five seconds, also while nobody asks anything. */
  async check(): Promise<void> {}

  async call(request: Request): Promise<string> {
    return await this.options.send(this.pick(request), request);
  }
}
