import type * as Subject from '#days/day4-metrics/3-budgets/budget.ts';
import { modelFor, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/budget.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A Monday. */
export const MORNING = Date.UTC(2026, 0, 5, 9);
export const ESCALATE_MS = 30 * MINUTE;

/** What February, March and April cost: a dollar on a working day, a fifth on a weekend, each give or take 5 %. */
export function days(random: Random): number[] {
  return times(89, (i) => {
    const weekday = new Date(Date.UTC(2026, 1, 1 + i)).getUTCDay();
    const weekend = weekday === 0 || weekday === 6;
    return Math.round((weekend ? 200_000 : 1_000_000) * Math.exp(0.05 * random.normal()));
  });
}

/** Of a limit of a thousand, so much is taken; somebody asks for so much more. */
export const ACTIONS: { taken: number; urgent: boolean; max: number; action: string }[] = [
  { taken: 0, urgent: false, max: 1000, action: 'proceed' },
  { taken: 0, urgent: true, max: 1001, action: 'block' },
  { taken: 799, urgent: false, max: 201, action: 'proceed' },
  { taken: 799, urgent: true, max: 202, action: 'block' },
  { taken: 800, urgent: false, max: 1, action: 'downgrade' },
  { taken: 800, urgent: true, max: 200, action: 'downgrade' },
  { taken: 899, urgent: false, max: 101, action: 'downgrade' },
  { taken: 900, urgent: false, max: 1, action: 'queue' },
  { taken: 900, urgent: false, max: 101, action: 'block' },
  { taken: 900, urgent: true, max: 100, action: 'downgrade' },
  { taken: 1000, urgent: false, max: 1, action: 'block' },
  { taken: 1000, urgent: true, max: 1, action: 'block' },
];

/** The actions again, where the day or the month is small, and where all is spent, reserved, or half of it each. */
export function takeActions(make: (policy: Partial<Contract.Policy>) => Made) {
  return (['day', 'month'] as const).flatMap((period) =>
    [0, 0.5, 1].flatMap((spentShare) =>
      ACTIONS.map(({ taken, urgent, max }) => {
        const { budget } = make(period === 'day' ? { dayMicroUsd: 1000 } : { monthMicroUsd: 1000 });
        const spent = Math.floor(taken * spentShare);
        if (spent > 0) spend(budget, spent);
        if (taken > spent) budget.reserve(SCOPE, taken - spent);
        const { action, untilMs } = outcomeOf(budget.reserve({ ...SCOPE, urgent }, max));
        return { period, spent, action, untilMs };
      }),
    ),
  );
}

/** What can be reserved at most after each of these, of a thousand. */
export function useLeases(make: () => Made) {
  const steps: Record<string, (budget: Subject.Budget) => void> = {
    'a lease of 600 is charged 200': (budget) => charge(budget, lease(budget, 600), 200),
    'a lease of 600 is charged 200 and released': (budget) => {
      const held = lease(budget, 600);
      charge(budget, held, 200);
      budget.release(held);
    },
    'a lease of 600 is charged 300 for each of two attempts and released': (budget) => {
      const held = lease(budget, 600);
      charge(budget, held, 300);
      charge(budget, held, 300);
      budget.release(held);
    },
    'a lease of 100 is charged 300': (budget) => charge(budget, lease(budget, 100), 300),
    'a lease of 100 is charged 300 and released': (budget) => {
      const held = lease(budget, 100);
      charge(budget, held, 300);
      budget.release(held);
    },
    'of two leases of 200 each one is charged 300': (budget) => {
      lease(budget, 200);
      charge(budget, lease(budget, 200), 300);
    },
    'a lease of 300 is released, and a bill of 300 comes after that': (budget) => {
      const held = lease(budget, 300);
      budget.release(held);
      charge(budget, held, 300);
    },
    'of two leases, one of 600 and one of 400, the first is released twice': (budget) => {
      const held = lease(budget, 600);
      lease(budget, 400);
      budget.release(held);
      budget.release(held);
    },
  };
  return Object.entries(steps).map(([what, run]) => {
    const { budget } = make();
    run(budget);
    return { what, room: room(budget) };
  });
}

/** A budget of a thousand for the day and for the month, spent bit by bit; what was said after each step. */
export function raiseAlerts({ budget, alerts, time }: Made) {
  let seen = 0;
  const news = () => {
    const list = alerts.slice(seen);
    seen = alerts.length;
    return list;
  };
  const wait = (ms: number) => {
    for (const endMs = time.nowMs + ms; time.nowMs < endMs; budget.tick()) time.nowMs += MINUTE;
  };
  const done: { what: string; said: Contract.Alert[] }[] = [];
  const step = (what: string, run: () => void) => {
    run();
    done.push({ what, said: news() });
  };
  const charged = (microUsd: number) => () => void spend(budget, microUsd);
  const today = new Date(MORNING).toISOString().slice(0, 10);
  step('999 were reserved and released', () => budget.release(lease(budget, 999)));
  step('499 of 1000 were spent', charged(499));
  step('500 were spent', charged(1));
  step('799 were spent', charged(299));
  step('800 were spent', charged(1));
  step('a request for 200 fitted', charged(200));
  time.nowMs += 10 * MINUTE;
  step('ten minutes later a request was blocked', charged(1));
  step('two more were blocked', () => [1, 2].forEach((more) => void charged(more)()));
  budget.acknowledge(today, 0.8);
  step('the 0.8 of the day was acknowledged, and 19 minutes passed', () => wait(19 * MINUTE));
  step('another minute passed', () => wait(MINUTE));
  step('another nine minutes passed', () => wait(9 * MINUTE));
  step('another minute passed', () => wait(MINUTE));
  step('two more hours passed', () => wait(4 * ESCALATE_MS));
  time.nowMs += DAY;
  step('on the next day a request was blocked, since the month is spent', charged(1));
  return done;
}

/** One charge takes a day over two thresholds, and the next day over one. */
export function spendFast({ budget, alerts, time }: Made): Contract.Alert[] {
  spend(budget, 900);
  time.nowMs += DAY;
  spend(budget, 700);
  return alerts;
}

/** Asks around midnight UTC, on a machine that stands eight hours west. */
export function crossMidnight(make: (policy: Partial<Contract.Policy>) => Made) {
  const ends = [
    { what: 'day', policy: { dayMicroUsd: 1000 }, endMs: Date.UTC(2026, 0, 6) },
    { what: 'month', policy: { monthMicroUsd: 1000 }, endMs: Date.UTC(2026, 1, 1) },
    {
      what: 'day and month',
      policy: { dayMicroUsd: 1000, monthMicroUsd: 1000 },
      endMs: Date.UTC(2026, 1, 1),
    },
    { what: 'year', policy: { monthMicroUsd: 1000 }, endMs: Date.UTC(2027, 0, 1) },
  ];
  return ends.map(({ what, policy, endMs }) => {
    const spent = make(policy);
    spent.time.nowMs = what === 'year' ? endMs - 20 * DAY : MORNING;
    spend(spent.budget, 1000);
    if (what !== 'day and month') spent.time.nowMs = endMs - 1;
    const before = outcomeOf(spent.budget.reserve(SCOPE, 1));
    spent.time.nowMs = endMs;
    const after = room(spent.budget);
    const open = make(policy);
    open.time.nowMs = endMs - 1;
    const held = lease(open.budget, 600);
    open.time.nowMs = endMs + MINUTE;
    const underWay = room(open.budget);
    charge(open.budget, held, 100);
    const billed = room(open.budget);
    open.budget.release(held);
    return { what, endMs, before, after, underWay, billed, released: room(open.budget) };
  });
}

/** Spends day by day and asks at four midnights of April what it will have cost. */
export function forecastMonth({ budget, time }: Made, amounts: number[]) {
  const asked: number[] = [];
  let actual = 0;
  amounts.forEach((amount, i) => {
    time.nowMs = Date.UTC(2026, 1, 1 + i);
    const now = new Date(time.nowMs);
    const april = now.getUTCMonth() === 3;
    if (april && [2, 4, 7, 11].includes(now.getUTCDate())) asked.push(budget.forecast());
    spend(budget, amount);
    if (april) actual += amount;
  });
  return asked.map((forecast) => ({ forecast, actual }));
}

interface Made {
  budget: Subject.Budget;
  alerts: Contract.Alert[];
  time: { nowMs: number };
}

/** Ten cents and twenty, which as dollars are 0.30000000000000004, and a call of another model for the same feature. */
export function addCents({ budget }: Made): Contract.Row[] {
  spend(budget, 100_000);
  spend(budget, 200_000);
  spend(budget, 100_000, 'small');
  return budget.rows.map((row) => ({ ...row }));
}

const SCOPE: Contract.Scope = { tenant: 'acme', feature: 'chat', urgent: true };

/** One call that costs what was reserved for it. */
function spend(budget: Subject.Budget, microUsd: number, model: 'strong' | 'small' = 'strong'): void {
  const decision = budget.reserve(SCOPE, microUsd);
  if (!('lease' in decision)) return;
  budget.charge(decision.lease, modelFor(model), microUsd, 100);
  budget.release(decision.lease);
}

function lease(budget: Subject.Budget, microUsd: number): Contract.Lease {
  const decision = budget.reserve(SCOPE, microUsd);
  if ('lease' in decision) return decision.lease;
  throw new Error(`a request for ${microUsd}, which fits, got "${decision.action}"`);
}

function charge(budget: Subject.Budget, held: Contract.Lease, microUsd: number): void {
  budget.charge(held, modelFor('strong'), microUsd, 100);
}

/** The most that can be reserved now, of a thousand; each try is given back. */
function room(budget: Subject.Budget): number {
  let [fits, tooMuch] = [0, 1001];
  while (tooMuch - fits > 1) {
    const middle = Math.floor((fits + tooMuch) / 2);
    const decision = budget.reserve(SCOPE, middle);
    if ('lease' in decision) {
      budget.release(decision.lease);
      fits = middle;
    } else tooMuch = middle;
  }
  return fits;
}

function outcomeOf(decision: Contract.Decision): { action: string; untilMs: number | null } {
  return { action: decision.action, untilMs: 'untilMs' in decision ? decision.untilMs : null };
}

export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
