import OpenAI from 'openai';
import type { Candidate, Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

/** Where a tenant's prompt was last answered is remembered; else the balance has its way. */
export class Router {
  readonly options: RouterOptions;
  readonly #calls = new Map<string, number>();
  readonly #meanMs = new Map<string, number>();
  readonly #recent = new Map<string, boolean[]>();
  readonly #notBefore = new Map<string, number>();
  readonly #waitEnd = new Map<string, number>();
  readonly #trying = new Set<string>();
  readonly #homes = new Map<string, Deployment>();
  readonly #samples: number[] = [];
  #budget = 0;

  constructor(options: RouterOptions) {
    this.options = options;
  }

  pick({ tenant }: Request, tried: ReadonlySet<Deployment> = new Set()): Deployment {
    const left = this.options.deployments.filter((it) => !tried.has(it));
    const ready = left.filter((it) => this.#isReady(it));
    const pool = ready.length > 0 ? ready : left;
    const paid = pool.find((it) => (this.#calls.get(it.name) ?? 0) < (it.places ?? 0));
    if (paid) return paid;
    const open = pool.filter((it) => it.places === undefined);
    if (open.length === 0) return pool[0] as Deployment;
    const { balance, random } = this.options;
    const free = balance(open.map(this.#record), random).deployment;
    if (tenant === undefined) return free;
    const home = this.#homes.get(tenant);
    const stays = home && open.includes(home) && this.#weight(home) <= 1.5 * this.#weight(free);
    if (!home) this.#homes.set(tenant, free);
    return stays ? home : free;
  }

  /** Each that has not asked to be left alone is asked whether it is there. Any answer will do, none will not. */
  async check(): Promise<void> {
    const now = performance.now();
    const messages = [{ role: 'user' as const, content: 'Are you there?' }];
    const asked = this.options.deployments.filter(({ name }) => now >= (this.#waitEnd.get(name) ?? 0));
    await Promise.all(
      asked.map(async (it) => {
        const answer = this.options.send(it, { messages }, AbortSignal.timeout(2000));
        const error = await answer.then(
          () => undefined,
          (reason) => reason,
        );
        if (error === undefined) {
          this.#recent.delete(it.name);
          this.#notBefore.delete(it.name);
        } else if (error instanceof OpenAI.APIUserAbortError) {
          this.report(it, 0, new OpenAI.APIConnectionTimeoutError());
        } else this.report(it, 0, error);
      }),
    );
  }

  #isReady({ name }: Deployment): boolean {
    const fromMs = Math.max(this.#waitEnd.get(name) ?? 0, this.#notBefore.get(name) ?? 0);
    return performance.now() >= fromMs && !this.#trying.has(name);
  }

  report({ name }: Deployment, ms: number, error?: unknown): void {
    const now = performance.now();
    if (error === undefined) {
      this.#meanMs.set(name, 0.7 * (this.#meanMs.get(name) ?? ms) + 0.3 * ms);
      this.#samples.push(ms);
    }
    if (error instanceof OpenAI.RateLimitError) {
      const seconds = Number(error.headers?.get('retry-after') ?? 1);
      this.#waitEnd.set(name, now + Number(error.headers?.get('retry-after-ms') ?? seconds * 1000));
      return;
    }
    if (error !== undefined && !isOutage(error)) return;
    // Half of the last four failed: a pause, after which the first call decides.
    const recent = [...(this.#recent.get(name) ?? []), error === undefined].slice(-4);
    const opens = recent.filter((well) => !well).length >= 2;
    this.#recent.set(name, recent);
    if (opens) this.#notBefore.set(name, now + 6000);
    if (error === undefined) this.#recent.set(name, recent.slice(-2));
  }

  async call(request: Request): Promise<string> {
    this.#budget += 0.05;
    const tried = new Set<Deployment>();
    let shown = false;
    const { onToken } = request;
    const onText = (text: string) => {
      shown = true;
      onToken?.(text);
    };
    const asked = { ...request, ...(onToken && { onToken: onText }) };
    for (;;) {
      try {
        return await this.#race(asked, tried);
      } catch (error) {
        const here = error instanceof OpenAI.RateLimitError || isOutage(error);
        if (!here || shown || tried.size >= this.options.deployments.length) throw error;
      }
    }
  }

  async #race(request: Request, tried: Set<Deployment>): Promise<string> {
    const over = new AbortController();
    const first = this.#attempt(request, tried, over.signal);
    try {
      const hedged = this.#late(request.onToken === undefined, over.signal).then(() => {
        if (this.#budget < 1 || tried.size >= this.options.deployments.length) return first;
        this.#budget -= 1;
        return this.#attempt(request, tried, over.signal).catch(() => first);
      });
      hedged.catch(() => {});
      return await Promise.race([first, hedged]);
    } finally {
      over.abort();
    }
  }

  async #attempt(request: Request, tried: Set<Deployment>, over: AbortSignal): Promise<string> {
    const deployment = this.pick(request, tried);
    const { name } = deployment;
    const startMs = performance.now();
    tried.add(deployment);
    const half = (this.#recent.get(name) ?? []).filter((well) => !well).length >= 2;
    if (half) this.#trying.add(name);
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1);
    try {
      const text = await this.options.send(deployment, request, over);
      this.report(deployment, performance.now() - startMs);
      return text;
    } catch (error) {
      if (!over.aborted) this.report(deployment, performance.now() - startMs, error);
      throw error;
    } finally {
      if (half) this.#trying.delete(name);
      this.#calls.set(name, (this.#calls.get(name) ?? 1) - 1);
    }
  }

  /** Resolves when a call is late: twice the median. Never for what is shown while it is written. */
  #late(whole: boolean, over: AbortSignal): Promise<void> {
    const sorted = this.#samples.slice(-60).sort((a, b) => a - b);
    const median = sorted[sorted.length >> 1];
    if (!whole || median === undefined) return new Promise(() => {});
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, 2 * median);
      over.addEventListener('abort', () => clearTimeout(timer), { once: true });
    });
  }

  readonly #record = (deployment: Deployment): Candidate => ({
    deployment,
    inFlight: this.#calls.get(deployment.name) ?? 0,
    meanMs: this.#meanMs.get(deployment.name) ?? 1000,
  });

  #weight(deployment: Deployment): number {
    const { inFlight, meanMs } = this.#record(deployment);
    return (inFlight + 1) * meanMs;
  }
}

function isOutage(error: unknown): boolean {
  return (
    error instanceof OpenAI.APIConnectionError || (error instanceof OpenAI.APIError && error.status >= 500)
  );
}
/** Each weight is a stretch of a line, and the drawn point lies in one of them. */
export function byWeight(candidates: readonly Candidate[], random: () => number): Candidate {
  const ends = stretches(candidates.map(({ deployment: { weight = 1 } }) => weight));
  const point = random() * (ends.at(-1) ?? 0);
  return candidates[ends.findIndex((end) => point < end)] as Candidate;
}

export function byLatency(candidates: readonly Candidate[], random: () => number): Candidate {
  const asWeights = candidates.map((it) => ({ ...it.deployment, weight: 1e6 / it.meanMs }));
  const drawn = byWeight(
    asWeights.map((deployment, i) => ({ ...(candidates[i] as Candidate), deployment })),
    random,
  );
  return candidates.find((it) => it.deployment.name === drawn.deployment.name) as Candidate;
}

function stretches(weights: readonly number[]): number[] {
  let end = 0;
  return weights.map((weight) => {
    end += weight;
    return end;
  });
}
