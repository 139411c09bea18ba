import type * as Subject from '#days/day4-metrics/3-budgets/budget.ts';
import { modelFor, type Random } from '#lib/provider';
import type * as Contract from '../../contracts/budget.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
export const MORNING = Date.UTC(2026, 0, 5, 9);
export const ESCALATE_MS = HOUR / 2;

/** What February, March and April cost: a dollar on a working day, a fifth on a weekend, each give or take 5 %. */
export function days(random: Random): number[] {
  return times(89, (i) => {
    const weekday = new Date(Date.UTC(2026, 1, 1 + i)).getUTCDay();
    const weekend = weekday === 0 || weekday === 6;
    return Math.round((weekend ? 200_000 : 1_000_000) * Math.exp(0.05 * random.normal()));
  });
}

/** One unit at a time: what is decided when so much of a thousand is taken. */
export function takeActions(budget: Subject.Budget) {
  const scope = { tenant: 'acme', feature: 'chat', urgent: true };
  const seen: { committed: number; urgent: boolean; action: string; untilMs: number | undefined }[] = [];
  const ask = (committed: number, urgent: boolean, maxMicroUsd: number) => {
    const decision = budget.reserve({ ...scope, urgent }, maxMicroUsd);
    const untilMs = 'untilMs' in decision ? decision.untilMs : undefined;
    seen.push({ committed, urgent, action: decision.action, untilMs });
    return 'lease' in decision ? decision.lease : undefined;
  };
  const first = ask(0, false, 790);
  ask(790, true, 20);
  ask(810, true, 100);
  ask(910, false, 10);
  ask(910, true, 10);
  ask(920, true, 100);
  if (first) budget.release(first);
  ask(130, true, 100);
  return seen;
}

export function raiseAlerts({ budget, alerts, time }: Made) {
  const rest = { seen: 0 };
  const news = () => {
    const list = alerts.slice(rest.seen);
    rest.seen = alerts.length;
    return list;
  };
  const wait = (ms: number) => {
    for (const endMs = time.nowMs + ms; time.nowMs < endMs; budget.tick()) time.nowMs += MINUTE;
  };
  for (let i = 0; i < 9; i += 1) spend(budget, 100);
  for (let i = 0; i < 3; i += 1) spend(budget, 200);
  const atOnce = news();
  budget.acknowledge(new Date(MORNING).toISOString().slice(0, 10), 0.8);
  wait(ESCALATE_MS - MINUTE);
  const early = news();
  wait(2 * MINUTE);
  const escalated = news();
  wait(3 * ESCALATE_MS);
  const later = news();
  time.nowMs += DAY;
  for (let i = 0; i < 5; i += 1) spend(budget, 100);
  return { atOnce, early, escalated, later, nextDay: news() };
}

/** Spends a day's and a month's budget and asks again around midnight UTC, on a machine that stands eight hours west. */
export function crossMidnight(daily: Made, monthly: Made) {
  const ask = ({ budget, time }: Made, atMs: number) => {
    time.nowMs = atMs;
    return spend(budget, 1000);
  };
  const midnightMs = Date.UTC(2026, 0, 6);
  const monthEndMs = Date.UTC(2026, 1, 1);
  ask(daily, MORNING);
  ask(monthly, MORNING);
  return {
    lateEvening: { ...ask(daily, midnightMs - HOUR), midnightMs },
    newDay: ask(daily, midnightMs + HOUR),
    lastEvening: { ...ask(monthly, monthEndMs - HOUR), midnightMs: monthEndMs },
    newMonth: ask(monthly, monthEndMs + HOUR),
  };
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

/** Ten cents and twenty, which as dollars are 0.30000000000000004. */
export function addCents({ budget }: Made): Contract.Row[] {
  spend(budget, 100_000);
  spend(budget, 200_000);
  return budget.rows;
}

/** One call that costs what was reserved for it. */
function spend(budget: Subject.Budget, microUsd: number): { action: string; untilMs: number } {
  const decision = budget.reserve({ tenant: 'acme', feature: 'chat', urgent: true }, microUsd);
  if (!('lease' in decision)) return decision;
  budget.charge(decision.lease, modelFor('strong'), microUsd, 100);
  budget.release(decision.lease);
  return { action: 'spent', untilMs: 0 };
}

export function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
