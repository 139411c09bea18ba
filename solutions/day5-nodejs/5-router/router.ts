import OpenAI from 'openai';
import type { Candidate, Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

const FAILURES_TO_OPEN = 3;
const PAUSE_MS = 5000;
const CHECK_WITHIN_MS = 4000;
const HEDGE_SHARE = 0.05;
const SAMPLES = 100;
/** How much of the mean is the newest answer. */
const NEWEST = 0.2;

/** Its answer is of no interest, only that there is one. */
const QUESTION: Request = { messages: [{ role: 'user', content: 'Answer with yes.' }] };

/** Draws one, the likelier the more it is said to be able to do. */
export function byWeight(candidates: readonly Candidate[], random: () => number): Candidate {
  return drawn(candidates, random, ({ deployment }) => deployment.weight ?? 1);
}

/** Draws one, the likelier the faster it has been. */
export function byLatency(candidates: readonly Candidate[], random: () => number): Candidate {
  return drawn(candidates, random, ({ meanMs }) => 1 / meanMs);
}

function drawn(
  candidates: readonly Candidate[],
  random: () => number,
  chanceOf: (candidate: Candidate) => number,
): Candidate {
  let left = random() * candidates.reduce((total, it) => total + chanceOf(it), 0);
  return candidates.find((it) => {
    left -= chanceOf(it);
    return left < 0;
  }) as Candidate;
}

/** What is known of a deployment. */
interface Health extends Candidate {
  failuresInARow: number;
  /** Until when it has a pause, after failures. */
  pauseEndMs: number;
  /** Until when it has asked to be left alone. */
  waitEndMs: number;
  /** A call tries whether it is well again. */
  isTried: boolean;
}

/** Sends each request to one of several deployments of the same model. */
export class Router {
  readonly options: RouterOptions;
  readonly #health = new Map<Deployment, Health>();
  #latencies: number[] = [];
  #requests = 0;
  #hedges = 0;

  constructor(options: RouterOptions) {
    this.options = options;
    const unknown = {
      inFlight: 0,
      meanMs: 1000,
      failuresInARow: 0,
      pauseEndMs: 0,
      waitEndMs: 0,
      isTried: false,
    };
    for (const deployment of options.deployments) this.#health.set(deployment, { deployment, ...unknown });
  }

  /** Paid places first; then the tenant's own deployment; without a tenant, the one that the balance chooses. */
  pick({ tenant }: Request, tried: readonly Deployment[] = []): Deployment {
    const untried = this.options.deployments.filter((it) => !tried.includes(it));
    const open = untried.filter((it) => this.#isOpen(it));
    const candidates = open.length > 0 ? open : untried;
    const reserved = candidates.find((it) => this.#of(it).inFlight < (it.places ?? 0));
    if (reserved) return reserved;
    const byToken = candidates.filter((it) => !it.places);
    const others = byToken.length > 0 ? byToken : candidates;
    if (tenant !== undefined)
      return others.reduce((best, it) => (rank(tenant, it) > rank(tenant, best) ? it : best));
    const { balance, random } = this.options;
    return balance(
      others.map((it) => this.#of(it)),
      random,
    ).deployment;
  }

  /** Only what is the deployment's fault counts against it. */
  report(deployment: Deployment, ms: number, error?: unknown): void {
    const health = this.#of(deployment);
    if (error === undefined) {
      health.failuresInARow = 0;
      health.meanMs += NEWEST * (ms - health.meanMs);
    } else if (error instanceof OpenAI.RateLimitError) {
      health.waitEndMs = performance.now() + retryAfterMs(error);
    } else if (isOutage(error)) {
      health.failuresInARow += 1;
      health.pauseEndMs = performance.now() + PAUSE_MS;
    }
  }

  /** Asks each by itself, so that no user has to find out who is down. Who asked for a pause is left alone. */
  async check(): Promise<void> {
    const asked = this.options.deployments.filter((it) => performance.now() >= this.#of(it).waitEndMs);
    await Promise.all(
      asked.map(async (it) => {
        const late = AbortSignal.timeout(CHECK_WITHIN_MS);
        try {
          await this.options.send(it, QUESTION, late);
          this.#of(it).failuresInARow = 0;
        } catch (error) {
          // A region that hangs is as dead as one that says so.
          this.report(it, 0, late.aborted ? new OpenAI.APIConnectionTimeoutError() : error);
        }
      }),
    );
  }

  async call(request: Request): Promise<string> {
    this.#requests += 1;
    const tried: Deployment[] = [];
    let shown = false;
    const { onToken } = request;
    const watched = onToken && {
      ...request,
      onToken(text: string) {
        shown = true;
        onToken(text);
      },
    };
    for (;;) {
      try {
        return await this.#firstOf(watched ?? request, tried);
      } catch (error) {
        const elsewhere = error instanceof OpenAI.RateLimitError || isOutage(error);
        if (!elsewhere || shown || tried.length === this.options.deployments.length) throw error;
      }
    }
  }

  /** The answer of one attempt; of two, if the first is late and the budget has room for a second. */
  #firstOf(request: Request, tried: Deployment[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const running = new Set<AbortController>();
      const start = () => {
        const attempt = new AbortController();
        running.add(attempt);
        const deployment = this.pick(request, tried);
        tried.push(deployment);
        this.#attempt(deployment, request, attempt.signal)
          .finally(() => running.delete(attempt))
          .then(
            (text) => {
              for (const loser of running) loser.abort();
              clearTimeout(timer);
              resolve(text);
            },
            (error) => {
              if (running.size > 0) return;
              clearTimeout(timer);
              reject(error);
            },
          );
      };
      const hedge = () => {
        if (!this.options.deployments.some((it) => !tried.includes(it) && this.#isOpen(it))) return;
        if (this.#hedges + 1 > HEDGE_SHARE * this.#requests) return;
        this.#hedges += 1;
        start();
      };
      // What is being shown is left alone: a second answer could only be mixed into the first.
      const lateMs = request.onToken ? undefined : this.#lateMs();
      const timer = lateMs === undefined ? undefined : setTimeout(hedge, lateMs);
      start();
    });
  }

  async #attempt(deployment: Deployment, request: Request, signal: AbortSignal): Promise<string> {
    const health = this.#of(deployment);
    const startMs = performance.now();
    const isTrial = health.failuresInARow >= FAILURES_TO_OPEN;
    if (isTrial) health.isTried = true;
    health.inFlight += 1;
    try {
      const text = await this.options.send(deployment, request, signal);
      const ms = performance.now() - startMs;
      this.report(deployment, ms);
      if (!request.onToken) this.#remember(ms);
      return text;
    } catch (error) {
      const ms = performance.now() - startMs;
      // A call that was overtaken took at least so long: without it the tail would look shorter than it is.
      if (signal.aborted) this.#remember(ms);
      else this.report(deployment, ms, error);
      throw error;
    } finally {
      health.inFlight -= 1;
      if (isTrial) health.isTried = false;
    }
  }

  #remember(ms: number): void {
    this.#latencies = [...this.#latencies.slice(1 - SAMPLES), ms];
  }

  /** Slower than 95 of the last hundred answers; undefined before there are enough of them. */
  #lateMs(): number | undefined {
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return sorted.length < 20 ? undefined : sorted[Math.ceil(0.95 * sorted.length) - 1];
  }

  /** After a few failures it is open for one call at a time, once its pause is over. */
  #isOpen(deployment: Deployment): boolean {
    const { failuresInARow, pauseEndMs, waitEndMs, isTried } = this.#of(deployment);
    const now = performance.now();
    const mayTry = now >= pauseEndMs && !isTried;
    return now >= waitEndMs && (failuresInARow < FAILURES_TO_OPEN || mayTry);
  }

  #of(deployment: Deployment): Health {
    return this.#health.get(deployment) as Health;
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof OpenAI.InternalServerError || error instanceof OpenAI.APIConnectionError;
}

function retryAfterMs({ headers }: { headers?: Headers }): number {
  const ms = headers?.get('retry-after-ms');
  return ms ? Number(ms) : Number(headers?.get('retry-after') ?? 1) * 1000;
}

/** Rendezvous hashing: each tenant ranks the deployments, and a deployment that is lost moves its own tenants only. */
function rank(tenant: string, { name }: Deployment): number {
  let hash = 0x811c9dc5;
  for (const character of `${name} ${tenant}`) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
