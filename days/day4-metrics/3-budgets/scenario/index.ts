import type * as Subject from '#days/day4-metrics/3-budgets/budget.ts';
import { defineScenario, modelFor, type Premise, sum } from '#lib/provider';
import { priceOf } from '#lib/provider/money.ts';
import { attempt } from '../../attempt.ts';
import type * as Contract from '../../contracts/budget.ts';
import { withLocalTime } from '../../local-time.ts';
import { provider } from '../../provider.ts';
import {
  addCents,
  crossMidnight,
  days,
  ESCALATE_MS,
  forecastMonth,
  MORNING,
  raiseAlerts,
  spendFast,
  takeActions,
  useLeases,
} from './phases.ts';
import { bill, DAY_MICRO_USD, FAULTY, rushes, serve } from './requests.ts';

export const premises: Premise[] = [
  {
    says: 'The small model costs a tenth of the strong one at most, so that going down saves the day',
    holds: () => priceOf(modelFor('small')).output * 10 <= priceOf(modelFor('strong')).output,
  },
];

/** Rushes of fifty requests on a small budget, a bill with hedges, and the calendar, without calls. */
export const scenario = defineScenario({
  provider,
  faults: [{ when: { promptIncludes: FAULTY }, effect: { error: 'server_error' } }],
  traffic: (random) => ({ rushes: rushes(random), bill: bill(), days: days(random) }),
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
      cents: attempt(() => addCents(make())),
      csv: attempt(() => billed.exportAs('csv')),
      json: attempt(() => JSON.parse(billed.exportAs('json')) as Contract.Row[]),
      leases: attempt(() => useLeases(() => make({ dayMicroUsd: 1000 }))),
      actions: attempt(() => takeActions(make)),
      alerts: attempt(() => raiseAlerts(make({ dayMicroUsd: 1000, monthMicroUsd: 1000 }))),
      fast: attempt(() => spendFast(make({ dayMicroUsd: 1000, monthMicroUsd: 2000 }))),
      calendar: attempt(() => withLocalTime(-8, () => crossMidnight(make))),
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
        // The most that one call can cost is a twelfth of the budget, and from 80 % on calls are many times cheaper;
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
