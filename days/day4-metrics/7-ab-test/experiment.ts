import type {
  Arm,
  Decision,
  Observation,
  Settings,
  Trial,
} from '#course/day4-metrics/contracts/experiment.ts';

/** An experiment of so many days; `decide` is called at the end of each of them. */
export class Experiment {
  #sums = { control: { n: 0, x: 0, xx: 0 }, treatment: { n: 0, x: 0, xx: 0 } };
  #day = 0;
  readonly days: number;
  constructor(_salt: string, days: number) {
    this.days = days;
  }
  assign(user: string): Arm {
    return user.charCodeAt(user.length - 1) % 2 === 0 ? 'treatment' : 'control';
  }
  observe(_user: string, arm: Arm, { costMicroUsd }: Observation): void {
    this.#sums[arm].n += 1;
    this.#sums[arm].x += costMicroUsd;
    this.#sums[arm].xx += costMicroUsd ** 2;
  }
  // TODO: how often does this find something where there is nothing?
  decide(): Decision {
    this.#day += 1;
    const { control: a, treatment: b } = this.#sums;
    const error = ({ n, x, xx }: typeof a) => (xx / n - (x / n) ** 2) / n;
    const z = (b.x / b.n - a.x / a.n) / Math.sqrt(error(a) + error(b));
    if (Math.abs(z) > 1.96) return z < 0 ? 'ship' : 'drop';
    return this.#day < this.days ? 'running' : 'keep';
  }
}

/** Looks for cheap settings with a quality of 0.9 or more. A trial replays the trace of that number and costs a dollar. */
export async function tune(
  trial: (settings: Settings, trace: number) => Promise<Trial>,
  o: { defaults: Settings; budgetUsd: number },
): Promise<Settings> {
  await trial(o.defaults, 0);
  return o.defaults;
}

/** The next concurrency limit, from the one that was in force, its p95, and the p95 that was promised. */
export const adjust = (limit: number, p95Ms: number, promisedMs: number): number =>
  p95Ms > promisedMs ? limit / 2 : limit * 2;
