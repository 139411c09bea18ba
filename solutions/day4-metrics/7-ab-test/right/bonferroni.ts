import type {
  Arm,
  Decision,
  Observation,
  Settings,
  Trial,
} from '#course/day4-metrics/contracts/experiment.ts';

/** One-sided 0.1 % per look, times twenty looks and two sides: at most 4 % in all, by Bonferroni. */
const BAR = 3.09;

/** Running means per arm (Welford); a user enters when the day is over. The same bar at every look. */
export class Experiment {
  readonly #salt: string;
  readonly #days: number;
  #today = new Map<string, { arm: Arm; costs: number[]; good: number[] }>();
  #money = { control: new Running(), treatment: new Running() };
  #quality = { control: new Running(), treatment: new Running() };
  #day = 0;

  constructor(salt: string, days: number) {
    this.#salt = salt;
    this.#days = days;
  }

  assign(user: string): Arm {
    let state = 7;
    for (const letter of `${user}\u0000${this.#salt}`) {
      state = Math.imul(state ^ (letter.codePointAt(0) ?? 0), 0x9e3779b1);
      state ^= state >>> 15;
    }
    state = Math.imul(state ^ (state >>> 13), 0x85ebca6b);
    return ((state ^ (state >>> 16)) & 0x100) === 0 ? 'control' : 'treatment';
  }

  observe(user: string, arm: Arm, { costMicroUsd, good }: Observation): void {
    const entry = this.#today.get(user);
    if (entry) {
      entry.costs.push(costMicroUsd);
      entry.good.push(Number(good));
    } else this.#today.set(user, { arm, costs: [costMicroUsd], good: [Number(good)] });
  }

  decide(): Decision {
    for (const { arm, costs, good } of this.#today.values()) {
      this.#money[arm].add(Math.log(average(costs)));
      this.#quality[arm].add(average(good));
    }
    this.#today.clear();
    this.#day += 1;
    const worse = distance(this.#quality.treatment, this.#quality.control);
    if (worse < -BAR) return 'stop';
    const dearer = distance(this.#money.treatment, this.#money.control);
    if (dearer < -BAR) return 'ship';
    if (dearer > BAR) return 'drop';
    return this.#day === this.#days ? 'keep' : 'running';
  }
}

class Running {
  count = 0;
  mean = 0;
  squares = 0;

  add(value: number): void {
    this.count += 1;
    const delta = value - this.mean;
    this.mean += delta / this.count;
    this.squares += delta * (value - this.mean);
  }

  get error(): number {
    return this.squares / (this.count - 1) / this.count;
  }
}

function distance(a: Running, b: Running): number {
  return (a.mean - b.mean) / Math.sqrt(a.error + b.error);
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Successive halving: twenty settings on two traces, the better ones on more. */
export async function tune(
  trial: (settings: Settings, trace: number) => Promise<Trial>,
  { defaults, budgetUsd }: { defaults: Settings; budgetUsd: number },
): Promise<Settings> {
  let field = [defaults];
  for (const cache of [1, 3, 5])
    for (const batch of [0, 2, 4]) for (const routing of [0, 2]) field.push([cache, batch, routing]);
  const costs = new Map<Settings, number[]>();
  let [spent, trace] = [0, 0];
  while (field.length > 1 && spent + field.length <= budgetUsd) {
    for (const settings of field) {
      const { cost, quality } = await trial(settings, trace);
      spent += 1;
      costs.set(settings, [...(costs.get(settings) ?? []), quality < 0.9 ? 1e9 : cost]);
    }
    trace += 1;
    const sum = (settings: Settings) => (costs.get(settings) ?? []).reduce((total, cost) => total + cost, 0);
    if (trace >= 2) field = field.sort((a, b) => sum(a) - sum(b)).slice(0, Math.ceil(field.length * 0.7));
  }
  return field[0] ?? defaults;
}

/** A gradient: a small step towards what the measured p95 suggests, every minute. */
export function adjust(limit: number, p95Ms: number, promisedMs: number): number {
  return limit * (promisedMs / p95Ms) ** 0.2;
}
