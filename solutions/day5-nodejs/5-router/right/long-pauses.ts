import { APIUserAbortError } from 'openai';
import type { Candidate, Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

/** Draws until one is taken: each is taken as often as its share of the largest. */
export function byWeight(candidates: readonly Candidate[], random: () => number): Candidate {
  return taken(candidates, random, ({ deployment }) => deployment.weight ?? 1);
}

export function byLatency(candidates: readonly Candidate[], random: () => number): Candidate {
  return taken(candidates, random, ({ meanMs }) => 1 / meanMs);
}

function taken(
  candidates: readonly Candidate[],
  random: () => number,
  chanceOf: (candidate: Candidate) => number,
): Candidate {
  const most = Math.max(...candidates.map(chanceOf));
  for (;;) {
    const candidate = candidates[Math.floor(random() * candidates.length)] as Candidate;
    if (random() * most < chanceOf(candidate)) return candidate;
  }
}

/** What is known of a deployment. */
class State {
  inFlight = 0;
  meanMs = 1000;
  fails = 0;
  restUntil = 0;
  probing = false;
  calls = 0;
  readonly deployment: Deployment;
  constructor(deployment: Deployment) {
    this.deployment = deployment;
  }
  get usable() {
    return performance.now() >= this.restUntil && !(this.fails >= 3 && this.probing);
  }
  get paid() {
    return this.inFlight < (this.deployment.places ?? 0);
  }
}

/** Long pauses, which a good check ends; a second call when the first is later than 95 of the last hundred. */
export class Router {
  readonly options: RouterOptions;
  #states: State[];
  #home = new Map<string, string>();
  #took: number[] = [];
  #asked = 0;
  #hedges = 0;
  constructor(options: RouterOptions) {
    this.options = options;
    this.#states = options.deployments.map((d) => new State(d));
  }
  #state(d: Deployment) {
    return this.#states.find((s) => s.deployment.name === d.name) as State;
  }

  pick(request: Request): Deployment {
    return this.#pick(request, new Set());
  }

  #pick(request: Request, tried: Set<string>): Deployment {
    const untried = this.#states.filter((s) => !tried.has(s.deployment.name));
    let fit = untried.filter((s) => s.usable);
    if (fit.length === 0)
      fit = [...(untried.length ? untried : this.#states)]
        .sort((a, b) => a.restUntil - b.restUntil)
        .slice(0, 1);
    const paid = fit.filter((s) => s.paid);
    const home = request.tenant && this.#home.get(request.tenant);
    const at = fit.find((s) => s.deployment.name === home);
    if (at && (at.deployment.places === undefined || at.paid)) {
      const least = Math.min(...fit.map((s) => s.inFlight));
      if (at.paid || (paid.length === 0 && at.inFlight <= least + 3)) return at.deployment;
    }
    if (paid.length > 0) return (paid[0] as State).deployment;
    const open = fit.filter((s) => s.deployment.places === undefined);
    const from = open.length > 0 ? open : fit;
    return from.length === 1
      ? (from[0] as State).deployment
      : this.options.balance(from, this.options.random).deployment;
  }

  report(deployment: Deployment, ms: number, error?: unknown): void {
    const s = this.#state(deployment);
    const now = performance.now();
    if (error === undefined) {
      s.meanMs = s.calls === 0 ? ms : s.meanMs * 0.7 + ms * 0.3;
      s.calls += 1;
      s.fails = 0;
      s.restUntil = 0;
      return;
    }
    const { status, headers } = error as { status?: number; headers?: Headers };
    if (error instanceof APIUserAbortError || (error as Error).name === 'AbortError') return;
    if (status === 429) {
      const ms = Number(headers?.get('retry-after-ms') ?? Number(headers?.get('retry-after') ?? 1) * 1000);
      s.restUntil = Math.max(s.restUntil, now + ms);
      return;
    }
    if (status !== undefined && status < 500) return;
    s.fails += 1;
    if (s.fails >= 3) s.restUntil = now + 30_000;
  }

  async check(): Promise<void> {
    await Promise.all(
      this.#states.map(async (s) => {
        if (performance.now() < s.restUntil && s.fails < 3) return;
        if (s.inFlight > 0 && s.fails === 0) return;
        try {
          await this.options.send(
            s.deployment,
            { messages: [{ role: 'user', content: 'ping' }] },
            AbortSignal.timeout(4000),
          );
          s.fails = 0;
          s.restUntil = 0;
        } catch (error) {
          const { status } = error as { status?: number };
          if (status === 429) this.report(s.deployment, 0, error);
          else {
            s.fails = 3;
            s.restUntil = performance.now() + 30_000;
          }
        }
      }),
    );
  }

  async #attempt(d: Deployment, request: Request, signal: AbortSignal): Promise<string> {
    const s = this.#state(d);
    const start = performance.now();
    s.inFlight += 1;
    if (s.fails >= 3) s.probing = true;
    try {
      const text = await this.options.send(d, request, signal);
      this.report(d, performance.now() - start);
      this.#took.push(performance.now() - start);
      if (request.tenant) this.#home.set(request.tenant, d.name);
      return text;
    } catch (error) {
      this.report(d, performance.now() - start, error);
      throw error;
    } finally {
      s.inFlight -= 1;
      s.probing = false;
    }
  }

  async call(request: Request): Promise<string> {
    this.#asked += 1;
    const tried = new Set<string>();
    let shown = false;
    const req: Request = request.onToken
      ? {
          ...request,
          onToken: (t) => {
            shown = true;
            request.onToken?.(t);
          },
        }
      : request;
    let last: unknown;
    for (let i = 0; i < this.#states.length + 1; i += 1) {
      const d = this.#pick(request, tried);
      tried.add(d.name);
      try {
        return request.onToken
          ? await this.#attempt(d, req, new AbortController().signal)
          : await this.#hedged(d, req, tried);
      } catch (error) {
        last = error;
        const { status } = error as { status?: number };
        if (shown || (status !== undefined && status < 500 && status !== 429 && status !== 408)) throw error;
      }
    }
    throw last;
  }

  #hedged(d: Deployment, request: Request, tried: Set<string>): Promise<string> {
    const waitMs = this.#p95();
    const first = new AbortController();
    const second = new AbortController();
    return new Promise((resolve, reject) => {
      let open = 1;
      const lost = (e: unknown) => {
        if (--open === 0) {
          clearTimeout(timer);
          reject(e);
        }
      };
      const timer = setTimeout(() => {
        if ((this.#hedges + 1) * 20 > this.#asked) return;
        const t = new Set([...tried]);
        const other = this.#pick(request, t);
        if (other.name === d.name) return;
        this.#hedges += 1;
        open += 1;
        this.#attempt(other, request, second.signal).then((v) => {
          first.abort();
          resolve(v);
        }, lost);
      }, waitMs);
      this.#attempt(d, request, first.signal).then((v) => {
        clearTimeout(timer);
        second.abort();
        resolve(v);
      }, lost);
    });
  }
  #p95(): number {
    const recent = this.#took.slice(-100).sort((a, b) => a - b);
    return recent.length < 10 ? 3000 : (recent[Math.floor(recent.length * 0.95)] ?? 3000);
  }
}
