import OpenAI from 'openai';
import type { Candidate, Deployment, Request, RouterOptions } from '#course/day5-nodejs/contracts/router.ts';

const FAILURES_TO_OPEN = 3;
const OPEN_MS = 5000;
const HEDGE_SHARE = 0.05;
const SAMPLES = 100;
/** How much of the mean is the newest answer. */
const NEWEST = 0.2;

/** Its answer is of no interest, only that there is one. */
const QUESTION: Request = { messages: [{ role: 'user', content: 'Answer with yes.' }] };

/** What is known of a deployment. */
interface Health extends Candidate {
  failuresInARow: number;
  /** No calls before this moment; afterwards one to try, if there had been failures. */
  shutUntilMs: number;
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
    const unknown = { inFlight: 0, meanMs: 1000, failuresInARow: 0, shutUntilMs: 0 };
    for (const deployment of options.deployments) this.#health.set(deployment, { deployment, ...unknown });
  }

  /** Paid places first; then the tenant's own deployment, unless the one that the balance chooses is half as busy. */
  pick({ tenant }: Request, tried: readonly Deployment[] = []): Deployment {
    const untried = this.options.deployments.filter((deployment) => !tried.includes(deployment));
    const open = untried.filter((deployment) => this.#isOpen(deployment));
    const candidates = open.length > 0 ? open : untried;
    const reserved = candidates.find((it) => it.places && this.#of(it).inFlight < it.places);
    if (reserved) return reserved;
    const byToken = candidates.filter((it) => !it.places);
    if (byToken.length === 0) return candidates[0] as Deployment;
    const { balance, random } = this.options;
    const chosen = balance(
      byToken.map((it) => this.#of(it)),
      random,
    );
    if (tenant === undefined) return chosen.deployment;
    const home = byToken.reduce((best, it) => (rank(tenant, it) > rank(tenant, best) ? it : best));
    return this.#load(home) >= 2 * this.#load(chosen.deployment) ? chosen.deployment : home;
  }

  /** Only what is the deployment's fault counts against it. */
  report(deployment: Deployment, ms: number, error?: unknown): void {
    const health = this.#of(deployment);
    if (error === undefined) {
      health.failuresInARow = 0;
      health.meanMs += NEWEST * (ms - health.meanMs);
    } else if (error instanceof OpenAI.RateLimitError) {
      health.shutUntilMs = performance.now() + retryAfterMs(error);
    } else if (isOutage(error)) {
      health.failuresInARow += 1;
      if (health.failuresInARow >= FAILURES_TO_OPEN) health.shutUntilMs = performance.now() + OPEN_MS;
    }
  }

  /** Asks each by itself, so that no user has to find out who is down. Who asked for a pause is left alone. */
  async check(): Promise<void> {
    const asked = this.options.deployments.filter(
      (it) => this.#isOpen(it) || this.#of(it).failuresInARow >= FAILURES_TO_OPEN,
    );
    await Promise.all(
      asked.map(async (it) => {
        try {
          await this.options.send(it, QUESTION, AbortSignal.timeout(OPEN_MS));
          this.#of(it).failuresInARow = 0;
        } catch (error) {
          this.report(it, 0, error);
        }
      }),
    );
  }

  async call(request: Request): Promise<string> {
    this.#requests += 1;
    const tried: Deployment[] = [];
    let shown = false;
    const onToken = request.onToken;
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
        this.#attempt(deployment, request, attempt.signal).then(
          (text) => {
            running.delete(attempt);
            for (const loser of running) loser.abort();
            clearTimeout(timer);
            resolve(text);
          },
          (error) => {
            running.delete(attempt);
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
    if (health.failuresInARow >= FAILURES_TO_OPEN) health.shutUntilMs = startMs + OPEN_MS; // one call to try
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

  #isOpen(deployment: Deployment): boolean {
    return performance.now() >= this.#of(deployment).shutUntilMs;
  }

  #load(deployment: Deployment): number {
    const { inFlight, meanMs } = this.#of(deployment);
    return (inFlight + 1) * meanMs;
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
