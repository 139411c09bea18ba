import type { Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

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

  /** Called every five seconds, also while nobody asks anything. */
  async check(): Promise<void> {}

  async call(request: Request): Promise<string> {
    return await this.options.send(this.pick(request), request);
  }
}
