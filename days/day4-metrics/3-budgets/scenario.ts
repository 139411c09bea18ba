import type { OpenAI } from 'openai';
import type * as Subject from '#days/day4-metrics/3-budgets/budget.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import { attempt } from '../attempt.ts';
import type * as Contract from '../contracts/budget.ts';
import { withLocalTime } from '../local-time.ts';
import { provider } from '../provider.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday. */
const MORNING = Date.UTC(2026, 0, 5, 9);
const ESCALATE_MS = HOUR / 2;
/** Less than fifty calls of the strong model cost. */
const DAY_MICRO_USD = 18_000;
const MAX_TOKENS = 150;
/** A quarter of the calls of the rush fail: they carry this. */
const FAULTY = '[bad gateway]';

/** Rushes of fifty requests on a small budget, a bill with hedges, and the calendar, without calls. */
export const scenario = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FAULTY }, effect: { error: 'server_error' } }],
  traffic: (random) => ({ rushes: rushes(random), bill: bill(random), days: days(random) }),
  async play({ Budget }: typeof Subject, { openai, ledger, clock, traffic }) {
    const make = (policy: Partial<Contract.Policy> = {}) => {
      const alerts: Contract.Alert[] = [];
      const time = { nowMs: MORNING };
      const amounts = { dayMicroUsd: 1e9, monthMicroUsd: 1e9, escalateAfterMs: ESCALATE_MS };
      const told = { notify: (alert: Contract.Alert) => alerts.push({ ...alert }), now: () => time.nowMs };
      return { budget: new Budget({ ...amounts, ...told, ...policy }), alerts, time };
    };
    const { budget } = make({ dayMicroUsd: DAY_MICRO_USD });
    for (const rush of traffic.rushes) {
      await Promise.all(rush.map((request) => serve(openai, budget, request)));
      await clock.sleep(10_000);
    }
    const spentMicroUsd = ledger.totals().costMicroUsd;

    const billed = make().budget;
    const billFrom = ledger.calls.length;
    await Promise.all(traffic.bill.map((request) => serve(openai, billed, request)));
    return {
      spentMicroUsd,
      billFrom,
      rows: attempt(() => billed.rows),
      csv: attempt(() => billed.exportAs('csv')),
      json: attempt(() => JSON.parse(billed.exportAs('json')) as Contract.Row[]),
      actions: attempt(() => takeActions(make({ dayMicroUsd: 1000 }).budget)),
      alerts: attempt(() => raiseAlerts(make({ dayMicroUsd: 1000 }))),
      calendar: attempt(() =>
        withLocalTime(-8, () =>
          crossMidnight(make({ dayMicroUsd: 1000 }), make({ monthMicroUsd: 1000, dayMicroUsd: 1e9 })),
        ),
      ),
      forecasts: attempt(() => forecastMonth(make(), traffic.days)),
    };
  },
  readings({ outcome: { value } }) {
    const forecasts = 'value' in value.forecasts ? value.forecasts.value : [];
    const errors = forecasts.map(({ forecast, actual }) => Math.abs(forecast / actual - 1));
    return {
      overspend: {
        unit: 'microUsd',
        better: 'lower',
        value: Math.max(0, value.spentMicroUsd - DAY_MICRO_USD),
        // A hard limit is one.
        target: 0,
        limit: 0,
      },
      'budget used': {
        unit: 'share',
        better: 'higher',
        value: value.spentMicroUsd / DAY_MICRO_USD,
        // The most that one call can cost is a twelfth of the budget, and from 80 % on calls are sixteen times cheaper;
        // reservations that are never given back leave half of it unused.
        target: 0.7,
        // More than all of it would be overspend.
        limit: 1,
      },
      'forecast error': {
        unit: 'share',
        better: 'lower',
        value: errors.length > 0 && errors.every(Number.isFinite) ? sum(errors) / errors.length : 1,
        // Each day varies by 5 %; a forecast that ignores weekends is wrong by several times that.
        target: 0.05,
        limit: 0,
      },
    };
  },
});

interface Request {
  scope: Contract.Scope;
  prompt: string;
  /** Two attempts at once, both billed. */
  hedged: boolean;
}

/** The gateway in front of the provider: reserve, call, charge what was billed, release. */
async function serve(openai: OpenAI, budget: Subject.Budget, request: Request): Promise<void> {
  const attempts = request.hedged ? 2 : 1;
  const decision = budget.reserve(request.scope, attempts * mostMicroUsd('gpt-4o', request.prompt));
  if (!('lease' in decision)) return;
  const model = decision.action === 'downgrade' ? 'gpt-4o-mini' : 'gpt-4o';
  const messages = [{ role: 'user' as const, content: request.prompt }];
  const ask = async () => {
    const body = { model, messages, max_tokens: MAX_TOKENS };
    const { usage } = await openai.chat.completions.create(body, { maxRetries: 0 });
    const { input, output } = PRICES[model];
    const [read, written] = [usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0];
    const microUsd = read * input + written * output;
    budget.charge(decision.lease, model, Math.floor(microUsd + 0.5), read + written);
  };
  try {
    await Promise.all(Array.from({ length: attempts }, ask));
  } catch {
    // The caller would see the error; here only the money matters.
  } finally {
    budget.release(decision.lease);
  }
}

/** Micro-dollars a token. */
const PRICES = { 'gpt-4o': { input: 2.5, output: 10 }, 'gpt-4o-mini': { input: 0.15, output: 0.6 } };

function mostMicroUsd(model: keyof typeof PRICES, prompt: string): number {
  // A character is a token at most, and the frame of a message takes a few more.
  return Math.ceil((prompt.length + 16) * PRICES[model].input + MAX_TOKENS * PRICES[model].output);
}

function rushes(random: Random): Request[][] {
  return times(10, (rush) =>
    times(50, (i) => {
      const fails = random.next() < 0.25;
      return request('acme', 'chat', `Question ${rush}.${i}${fails ? ` ${FAULTY}` : ''}`);
    }),
  );
}

/** Names that a careless key or a careless CSV takes for something else. */
const TENANTS = ['Acme, Inc.', 'a|b', 'a', 'The "Best" GmbH'];
const FEATURES = ['chat', 'b|chat', 'search'];
/** Two that look the same when they are joined with a bar. */
const ALIKE: [string, string][] = [
  ['a|b', 'chat'],
  ['a', 'b|chat'],
];

function bill(random: Random): Request[] {
  return times(40, (i) => ({
    ...request(...(ALIKE[i] ?? [random.pick(TENANTS), random.pick(FEATURES)]), `Bill question ${i}`),
    hedged: i % 4 === 0,
  }));
}

function request(tenant: string, feature: string, prompt: string): Request {
  return { scope: { tenant, feature, urgent: true }, prompt, hedged: false };
}

/** What February, March and April cost: a dollar on a working day, a fifth on a weekend, each give or take 5 %. */
function days(random: Random): number[] {
  return times(89, (i) => {
    const weekday = new Date(Date.UTC(2026, 1, 1 + i)).getUTCDay();
    const weekend = weekday === 0 || weekday === 6;
    return Math.round((weekend ? 200_000 : 1_000_000) * Math.exp(0.05 * random.normal()));
  });
}

/** One unit at a time: what is decided when so much of a thousand is taken. */
function takeActions(budget: Subject.Budget) {
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

function raiseAlerts({ budget, alerts, time }: Made) {
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
function crossMidnight(daily: Made, monthly: Made) {
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
function forecastMonth({ budget, time }: Made, amounts: number[]) {
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

/** One call that costs what was reserved for it. */
function spend(budget: Subject.Budget, microUsd: number): { action: string; untilMs: number } {
  const decision = budget.reserve({ tenant: 'acme', feature: 'chat', urgent: true }, microUsd);
  if (!('lease' in decision)) return decision;
  budget.charge(decision.lease, 'gpt-4o', microUsd, 100);
  budget.release(decision.lease);
  return { action: 'spent', untilMs: 0 };
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
