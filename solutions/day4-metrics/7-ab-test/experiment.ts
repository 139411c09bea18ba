import type {
  Arm,
  Decision,
  Observation,
  Settings,
  Trial,
} from '#course/day4-metrics/contracts/experiment.ts';

/** Constant of the O'Brien-Fleming boundary for twenty looks at 5 %, two-sided (Jennison and Turnbull 2000, table 2.3). */
const FLEMING = 2.13;
/** For the guardrail the same bar at every look: harm is not to wait for the end. */
const GUARD = 3.5;

interface User {
  arm: Arm;
  requests: number;
  cost: number;
  good: number;
}

/** An experiment of so many days; `decide` is called at the end of each of them. A user counts once. */
export class Experiment {
  readonly salt: string;
  readonly days: number;
  #users = new Map<string, User>();
  #day = 0;

  constructor(salt: string, days: number) {
    this.salt = salt;
    this.days = days;
  }

  assign(user: string): Arm {
    return hash(`${this.salt}/${user}`) < 0.5 ? 'control' : 'treatment';
  }

  observe(user: string, arm: Arm, { costMicroUsd, good }: Observation): void {
    const known = this.#users.get(user) ?? { arm, requests: 0, cost: 0, good: 0 };
    known.requests += 1;
    known.cost += costMicroUsd;
    known.good += good ? 1 : 0;
    this.#users.set(user, known);
  }

  decide(): Decision {
    this.#day += 1;
    if (this.#z((user) => user.good / user.requests) < -GUARD) return 'stop';
    const z = this.#z((user) => user.cost / user.requests);
    if (Math.abs(z) > FLEMING * Math.sqrt(this.days / this.#day)) return z < 0 ? 'ship' : 'drop';
    return this.#day < this.days ? 'running' : 'keep';
  }

  /** The difference between the arms (treatment - control) in standard errors, over users. */
  #z(figure: (user: User) => number): number {
    const sums = { control: { n: 0, x: 0, xx: 0 }, treatment: { n: 0, x: 0, xx: 0 } };
    for (const user of this.#users.values()) {
      const [sum, value] = [sums[user.arm], figure(user)];
      sum.n += 1;
      sum.x += value;
      sum.xx += value * value;
    }
    const [a, b] = [sums.control, sums.treatment].map(({ n, x, xx }) => ({
      mean: x / n,
      error: (xx / n - (x / n) ** 2) / n,
    })) as [{ mean: number; error: number }, { mean: number; error: number }];
    return (b.mean - a.mean) / Math.sqrt(a.error + b.error);
  }
}

/** FNV-1a with a final mix, from 0 to 1. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return ((h ^ (h >>> 13)) >>> 0) / 2 ** 32;
}

/** Looks for cheap settings with a quality of 0.9 or more. A trial replays the trace of that number and costs a dollar. */
export async function tune(
  trial: (settings: Settings, trace: number) => Promise<Trial>,
  { defaults, budgetUsd }: { defaults: Settings; budgetUsd: number },
): Promise<Settings> {
  const best: Settings = [...defaults];
  // One setting after the other, each level on the same few traces: three times six levels.
  const traces = Math.floor(budgetUsd / 18);
  for (const setting of [0, 1, 2] as const) {
    let least = Number.POSITIVE_INFINITY;
    let level = best[setting];
    for (let candidate = 0; candidate <= 5; candidate += 1) {
      const settings: Settings = [...best];
      settings[setting] = candidate;
      const trials = await Promise.all(Array.from({ length: traces }, (_, trace) => trial(settings, trace)));
      const cost = trials.reduce((sum, it) => sum + it.cost, 0);
      if (trials.some((it) => it.quality < 0.9) || cost >= least) continue;
      least = cost;
      level = candidate;
    }
    best[setting] = level;
  }
  return best;
}

/** The next concurrency limit: a little more while there is room, less when it is too slow, and nothing in between. */
export function adjust(limit: number, p95Ms: number, promisedMs: number): number {
  if (p95Ms > promisedMs) return limit * 0.9;
  if (p95Ms < promisedMs * 0.75) return limit + 1;
  return limit;
}
