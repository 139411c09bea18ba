import * as subject from '#days/day4-metrics/3-budgets/budget.ts';
import { check, hold, meets, play } from '#lib/check';
import { sum } from '#lib/provider';
import type * as Contract from '../contracts/budget.ts';
import { given } from '../given.ts';
import { scenario } from './scenario/index.ts';

const run = play(scenario, subject);

check('never spends more than the budget, however many calls are under way', async () => {
  meets(
    await run(),
    'overspend',
    'Fifty requests look at the same sum. Take the most that each can cost off the budget before it is sent.',
  );
});

check('takes back what a request reserved and did not use', async () => {
  meets(
    await run(),
    'budget used',
    'A call that fails costs nothing, and most calls cost less than their maximum. `release` comes after every one of them.',
  );
});

check('adds up to the bill, by tenant, feature and model', async () => {
  const { value, ledger, traffic } = await run();
  const rows = given(value.rows, 'rows');
  const calls = ledger.calls.slice(value.billFrom);
  const billed = sum(calls.map((call) => call.costMicroUsd));
  const total = sum(rows.map((row) => row.microUsd));
  hold(total === billed, {
    happened: `the rows add up to ${total} micro-dollars`,
    expected: `${billed}, as the provider billed`,
    help: 'Every attempt is billed, also the second one of a hedge. Whole micro-dollars add up exactly, dollars do not.',
  });
  const broken = [...rows, ...given(value.cents, 'rows')].find((row) => !Number.isInteger(row.microUsd));
  hold(broken === undefined, () => ({
    happened: `a row has ${broken?.microUsd} micro-dollars`,
    expected: 'a whole number of them, as the provider bills',
    help: 'Whole micro-dollars add up exactly. A dollar as a fraction does not: 0.1 + 0.2 is 0.30000000000000004.',
  }));
  for (const { scope, prompt } of traffic.bill) {
    const same = traffic.bill.filter(
      (it) => it.scope.tenant === scope.tenant && it.scope.feature === scope.feature,
    );
    const prompts = new Set(same.map((it) => it.prompt));
    const expected = calls.filter((call) => prompts.has(call.prompt));
    const mine = rows.filter((row) => row.tenant === scope.tenant && row.feature === scope.feature);
    const model = calls.find((call) => call.prompt === prompt)?.model;
    hold(mine.length === 1 && mine[0]?.microUsd === sum(expected.map((call) => call.costMicroUsd)), () => ({
      happened: `${scope.tenant} / ${scope.feature} / ${model} has ${mine.length} rows with ${sum(mine.map((row) => row.microUsd))} micro-dollars`,
      expected: `one row with ${sum(expected.map((call) => call.costMicroUsd))}`,
      help: 'Names may hold any character, also the one that you join them with.',
    }));
    hold(mine[0]?.calls === expected.length && mine[0].model === model, {
      happened: `${scope.tenant} / ${scope.feature} counts ${mine[0]?.calls} calls of ${mine[0]?.model}`,
      expected: `${expected.length} of ${model}, every attempt counted`,
    });
    const tokens = sum(expected.map((call) => call.tokens.input + call.tokens.output));
    hold(mine[0].tokens === tokens, {
      happened: `${scope.tenant} / ${scope.feature} has ${mine[0].tokens} tokens`,
      expected: `${tokens}, read and written, of every attempt`,
    });
    const share = mine[0].microUsd / billed;
    hold(Math.abs(mine[0].share - share) < 1e-9, {
      happened: `${scope.tenant} / ${scope.feature} has a share of ${percent(mine[0].share)}`,
      expected: `${percent(share)} of all that was billed; the shares of all rows are 100 %`,
      help: 'A charge to one row changes the shares of all.',
    });
  }
});

check('exports its rows so that a program can read them', async () => {
  const { value } = await run();
  const rows = given(value.rows, 'rows');
  const csv = readCsv(given(value.csv, "exportAs('csv')"));
  const lines = [FIELDS, ...rows.map((row) => FIELDS.map((field) => String(row[field])))];
  hold(JSON.stringify(csv) === JSON.stringify(lines), () => {
    const at = lines.findIndex((line, i) => JSON.stringify(line) !== JSON.stringify(csv[i]));
    return {
      happened: `line ${at + 1} of the CSV reads as ${JSON.stringify(csv[at])}`,
      expected: JSON.stringify(lines[at]),
      help: 'First the line of names. A value with a comma, a quote or a line break stands in quotes, and its quotes are doubled (RFC 4180).',
    };
  });
  const json = given(value.json, "JSON.parse(exportAs('json'))");
  hold(JSON.stringify(json) === JSON.stringify(rows), {
    happened: 'the JSON is not the rows',
    expected: 'the same rows, numbers as numbers',
  });
});

check('asks for the cheaper model, then queues, then blocks', async () => {
  const actions = given((await run()).value.actions, 'reserving a budget of 1000');
  const expected = ['proceed', 'proceed', 'downgrade', 'queue', 'downgrade', 'block', 'proceed'];
  actions.forEach(({ committed, urgent, action }, i) => {
    hold(action === expected[i], {
      happened: `with ${committed} of 1000 taken, a request that ${urgent ? 'is urgent' : 'can wait'} got "${action}"`,
      expected: `"${expected[i]}"`,
      help: 'Taken is what is spent and what is reserved. From 80 % downgrade, from 90 % queue what can wait, block what does not fit.',
    });
  });
});

check('begins a new day and a new month at midnight UTC', async () => {
  const { lateEvening, newDay, lastEvening, newMonth } = given(
    (await run()).value.calendar,
    'reserving around midnight',
  );
  for (const [when, { action, untilMs, midnightMs }] of [
    ['a spent day', lateEvening],
    ['a spent month', lastEvening],
  ] as const)
    hold(action === 'block' && untilMs === midnightMs, {
      happened: `an hour before the end of ${when} a request got "${action}" until ${time(untilMs)}`,
      expected: `"block" until ${time(midnightMs)}`,
      help: 'The machine stands in Los Angeles, the bill is made in UTC: use the getUTC… methods, or divide milliseconds.',
    });
  for (const [when, { action }] of [
    ['day', newDay],
    ['month', newMonth],
  ] as const)
    hold(action === 'spent', {
      happened: `an hour into a new ${when} a request got "${action}"`,
      expected: `the new ${when}'s budget`,
      help: 'Local midnight comes hours before or after the midnight of the bill.',
    });
});

check('alerts once for each threshold, and again if nobody answers', async () => {
  const alerts = given((await run()).value.alerts, 'spending a budget of 1000');
  const said = (list: Contract.Alert[]) =>
    list.map((alert) => `${alert.threshold}${alert.escalated ? ' escalated' : ''}`).join(', ') || 'nothing';
  hold(said(alerts.atOnce) === '0.5, 0.8, 1', {
    happened: `while a budget was spent and three requests were blocked, it said: ${said(alerts.atOnce)}`,
    expected: '0.5, 0.8, 1, each once',
    help: 'Remember for each period what has been said. An alert for every request is switched off within a day.',
  });
  hold(
    alerts.atOnce.every((alert) => alert.period === '2026-01-05'),
    {
      happened: `the alerts name the period ${alerts.atOnce[0]?.period}`,
      expected: '2026-01-05',
    },
  );
  hold(said(alerts.early) === 'nothing' && said(alerts.escalated) === '0.5 escalated, 1 escalated', {
    happened: `with 0.8 acknowledged, it escalated ${said(alerts.escalated)} after half an hour, and ${said(alerts.early)} before`,
    expected: 'nothing before `escalateAfterMs`, then 0.5 and 1, which nobody acknowledged',
  });
  hold(said(alerts.later) === 'nothing' && said(alerts.nextDay) === '0.5', {
    happened: `after the escalation it said ${said(alerts.later)}, and at half of the next day's budget ${said(alerts.nextDay)}`,
    expected: 'nothing, and 0.5: a new day has thresholds of its own',
  });
});

check('forecasts the month through its weekends', async () => {
  const played = await run();
  given(played.value.forecasts, 'forecast');
  meets(
    played,
    'forecast error',
    'A Sunday costs a fifth of a Monday, and a month that began on a Wednesday has had few Sundays so far. Expect of each day what its weekday has cost.',
  );
});

const FIELDS = ['tenant', 'feature', 'model', 'calls', 'tokens', 'microUsd', 'share'] as const;

/** Reads CSV as RFC 4180 has it. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1 || row[0] !== '');
}

function time(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16) : String(ms);
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
