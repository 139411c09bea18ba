import type * as Subject from '#days/day4-metrics/7-ab-test/experiment.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { attempt, attemptAsync } from '../attempt.ts';
import type * as Contract from '../contracts/experiment.ts';

export const DAYS = 20;
const USERS_PER_DAY = 30;
const REQUESTS_PER_USER = 3;
const SAME = 150;
const SAVING = 60;
const DEARER = 20;
const BETTER = 20;
const HARMFUL = 20;
const SPACES = 60;
export const BUDGET_USD = 80;
/** A few services are tuned for this as well. */
export const SMALL_BUDGET_USD = 40;
const SMALL_SPACES = 5;
const LEVELS = 6;
export const QUALITY = 0.9;
const STEPS = 60;
/** At its best limit a service has the p95 that was promised; it begins with another limit. */
export const SERVICES = [
  { best: 40, promisedMs: 2000, firstLimit: 10 },
  { best: 100, promisedMs: 800, firstLimit: 300 },
];

/** Experiments of which the truth is known, settings of which the best are known, and services to keep in balance. */
export const scenario = defineScenario({
  traffic: (random) => ({
    same: times(SAME, () => random.int(2 ** 31)),
    saving: times(SAVING, () => random.int(2 ** 31)),
    harmful: times(HARMFUL, () => random.int(2 ** 31)),
    dearer: times(DEARER, () => random.int(2 ** 31)),
    better: times(BETTER, () => random.int(2 ** 31)),
    spaces: times(SPACES, () => space(random)),
    noise: times(STEPS, () => Math.exp(0.05 * random.normal())),
  }),
  async play({ Experiment, tune, adjust }: typeof Subject, { traffic, random }) {
    const experiments = (list: number[], effect: Effect) =>
      attempt(() => list.map((salt) => conduct(new Experiment(String(salt), DAYS), effect, random)));
    const tuneFor = async (it: Space, budgetUsd: number) => {
      let trials = 0;
      const run = async (settings: Contract.Settings, trace: number) => {
        trials += 1;
        return it.trial(settings, trace);
      };
      const settings = await attemptAsync(() => tune(run, { defaults: [...DEFAULTS], budgetUsd }));
      return { settings, trials, budgetUsd };
    };
    const tuned = [];
    for (const it of traffic.spaces) tuned.push(await tuneFor(it, BUDGET_USD));
    const small = [];
    for (const it of traffic.spaces.slice(0, SMALL_SPACES)) small.push(await tuneFor(it, SMALL_BUDGET_USD));
    return {
      assigned: attempt(() => assignments(Experiment)),
      same: experiments(traffic.same, { cost: 1, good: 0.95 }),
      saving: experiments(traffic.saving, { cost: 0.9, good: 0.95 }),
      harmful: experiments(traffic.harmful, { cost: 0.92, good: 0.82 }),
      dearer: experiments(traffic.dearer, { cost: 1.2, good: 0.95 }),
      better: experiments(traffic.better, { cost: 1, good: 0.98, goodBefore: 0.85 }),
      tuned,
      small,
      limits: SERVICES.map((service) => attempt(() => balance(adjust, traffic.noise, service))),
    };
  },
  readings({ traffic, outcome: { value } }) {
    const share = (part: typeof value.same, wanted: Contract.Decision[]) =>
      'value' in part
        ? part.value.filter((it) => wanted.includes(it.decision)).length / part.value.length
        : null;
    const gains = traffic.spaces.map((it, i) => {
      const settings = value.tuned[i]?.settings;
      return settings && 'value' in settings ? it.gain(settings.value) : 0;
    });
    return {
      'false decisions, A/A': {
        unit: 'share',
        better: 'lower',
        value: share(value.same, ['ship', 'drop', 'stop']) ?? 1,
        // 5 %, and three standard errors for the chance in so many experiments.
        target: 0.05 + 3 * Math.sqrt((0.05 * 0.95) / SAME),
        limit: 0,
      },
      'savings of 10 % found': {
        unit: 'share',
        better: 'higher',
        value: share(value.saving, ['ship']) ?? 0,
        // The crudest honest bar, 5 % shared out evenly over the looks, finds seven of ten.
        target: 0.55,
        limit: 1,
      },
      'of the possible gain, by tuning': {
        unit: 'share',
        better: 'higher',
        value: sum(gains) / gains.length,
        // The best level of a setting differs by two from trace to trace. Four traces halve that, and a square of it
        // is the loss; what is tuned on one trace loses about a fifth.
        target: 0.87,
        limit: 1,
      },
    };
  },
});

interface Effect {
  /** Cost of the treatment over that of the control. */
  cost: number;
  /** Share of good answers in the treatment. */
  good: number;
  /** The same in the control. Default: 0.95. */
  goodBefore?: number;
}

/** Users of one day each; what a user asks is dear or cheap throughout. */
function conduct(experiment: Subject.Experiment, effect: Effect, random: Random) {
  for (let day = 1; day <= DAYS; day += 1) {
    for (let u = 0; u < USERS_PER_DAY; u += 1) {
      const user = `user ${day}.${u}`;
      const dear = 400 * Math.exp(0.35 * random.normal());
      for (let i = 0; i < REQUESTS_PER_USER; i += 1) {
        const arm = experiment.assign(user);
        const treated = arm === 'treatment';
        const costMicroUsd = dear * Math.exp(0.15 * random.normal()) * (treated ? effect.cost : 1);
        const good = random.next() < (treated ? effect.good : (effect.goodBefore ?? 0.95));
        experiment.observe(user, arm, { costMicroUsd, good });
      }
    }
    const decision = experiment.decide();
    if (decision !== 'running') return { decision, day };
  }
  return { decision: 'running' as const, day: DAYS };
}

/** Two experiments with the same thousand users, each asked three times. */
function assignments(Experiment: typeof Subject.Experiment) {
  const [one, two] = [new Experiment('prices', DAYS), new Experiment('prompts', DAYS)];
  const users = times(1000, (i) => `customer-${i}`);
  const [first, other] = [users.map((user) => one.assign(user)), users.map((user) => two.assign(user))];
  const again = [...users].reverse().map((user) => one.assign(user));
  return {
    moved: users.filter((_, i) => first[i] !== again[users.length - 1 - i]).length,
    treated: first.filter((arm) => arm === 'treatment').length,
    alike: users.filter((_, i) => first[i] === other[i]).length,
  };
}

export const DEFAULTS: Contract.Settings = [0, 5, 0];

type Space = ReturnType<typeof space>;

/** Costs that fall towards one point, which lies a little elsewhere in every trace; quality falls with routing. */
function space(random: Random) {
  const best = [2 + random.int(3), 1 + random.int(3), 4];
  /** Routing beyond this level costs too much quality. */
  const strictest = 2;
  const shifts = times(64, () => times(3, () => 2.2 * random.normal()));
  const costAt = (settings: Contract.Settings, shift: number[]) =>
    10 + sum(settings.map((level, k) => (level - ((best[k] ?? 0) + (shift[k] ?? 0))) ** 2));
  const expected = (settings: Contract.Settings) => costAt(settings, [0, 0, 0]);
  const quality = (settings: Contract.Settings) => (settings[2] <= strictest ? 0.95 : 0.8);
  const all = times(
    LEVELS ** 3,
    (i): Contract.Settings => [i % 6, Math.floor(i / 6) % 6, Math.floor(i / 36)],
  );
  const feasible = all.filter((it) => quality(it) >= QUALITY).map(expected);
  const least = Math.min(...feasible);
  return {
    quality,
    trial: (settings: Contract.Settings, trace: number): Contract.Trial => ({
      cost: costAt(settings, shifts[Math.abs(trace) % shifts.length] ?? []),
      quality: quality(settings),
    }),
    /** The share of what could be gained over the defaults; nothing for settings that lose quality. */
    gain: (settings: Contract.Settings) =>
      quality(settings) >= QUALITY
        ? (expected([...DEFAULTS]) - expected(settings)) / (expected([...DEFAULTS]) - least)
        : 0,
  };
}

/** A service whose p95 rises steeply beyond its best limit. */
function balance(
  adjust: typeof Subject.adjust,
  noise: number[],
  { best, promisedMs, firstLimit }: (typeof SERVICES)[number],
): number[] {
  const limits = [firstLimit];
  for (const luck of noise) {
    const limit = limits.at(-1) ?? firstLimit;
    const p95Ms = (promisedMs / 2) * (1 + (limit / best) ** 3);
    limits.push(adjust(limit, p95Ms * luck, promisedMs));
  }
  return limits;
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
