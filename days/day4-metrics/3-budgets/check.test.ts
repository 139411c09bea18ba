import * as subject from '#days/day4-metrics/3-budgets/budget.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { sum } from '#lib/provider';
import type * as Contract from '../contracts/budget.ts';
import { given } from '../given.ts';
import { scenario } from './scenario/index.ts';
import { ACTIONS } from './scenario/phases.ts';

const run = play(scenario, subject);

step(1);

check('never spends more than the budget, however many calls are under way', async () => {
  meets(
    await run(),
    'overspend',
    'Fifty requests look at the same sum. Take the most that each can cost off the budget before it is sent.',
  );
});

check('spends what is billed and takes back what is left over', async () => {
  meets(
    await run(),
    'budget used',
    'A call that fails costs nothing, and most calls cost less than their maximum. `release` comes after every one of them.',
  );
  for (const [i, { what, room }] of given((await run()).value.leases, 'reserving a budget of 1000').entries())
    hold(room === ROOM_LEFT[i], {
      happened: `of a budget of 1000, ${what}; after that ${room} could be reserved`,
      expected: `${ROOM_LEFT[i]}`,
      help: 'A charge is spent, whole, and its lease holds that much less. What is left of the lease comes back once.',
    });
});

step(2);

check('asks for the cheaper model, then queues, then blocks', async () => {
  const midnightMs = Date.UTC(2026, 0, 6);
  const monthEndMs = Date.UTC(2026, 1, 1);
  given((await run()).value.actions, 'reserving a budget of 1000').forEach(
    ({ period, spent, action, untilMs }, i) => {
      const {
        taken,
        urgent,
        max,
        action: expected,
      } = ACTIONS[i % ACTIONS.length] as (typeof ACTIONS)[number];
      const request = `with ${taken} of the ${period}'s 1000 taken (${spent} spent, the rest reserved), a request for ${max} that ${urgent ? 'is urgent' : 'can wait'}`;
      hold(action === expected, {
        happened: `${request} got "${action}"`,
        expected: `"${expected}"`,
        help: 'Look at what is taken before the request. Does it fit? If not, block. From 90 % queue what can wait, from 80 % downgrade.',
      });
      const endMs = expected === 'block' && period === 'month' ? monthEndMs : midnightMs;
      hold(untilMs === null || untilMs === endMs, {
        happened: `${request} got "${action}" until ${time(untilMs)}`,
        expected: `until ${time(endMs)}`,
        help: 'What is queued waits for the next midnight, what is blocked for the end of the period that has no room.',
      });
    },
  );
});

check('begins a new day and a new month at midnight UTC', async () => {
  const calendar = given((await run()).value.calendar, 'reserving around midnight');
  for (const { what, endMs, before, after, underWay, billed, released } of calendar) {
    hold(before.action === 'block' && before.untilMs === endMs, {
      happened: `with the budget of the ${what} spent, a request got "${before.action}" until ${time(before.untilMs)}`,
      expected: `"block" until ${time(endMs)}`,
      help: 'The machine stands in Los Angeles, the bill is made in UTC: use the getUTC… methods, or divide milliseconds.',
    });
    hold(after === 1000, {
      happened: `at ${time(endMs)} the ${what} was over, and of the next 1000 it was possible to reserve ${after}`,
      expected: 'all of it, from that moment on',
      help: 'Local midnight comes hours before or after the midnight of the bill.',
    });
    hold(underWay === 400 && billed === 400 && released === 900, {
      happened: `a call for which 600 of 1000 were reserved was under way at the end of the ${what}. A minute later ${underWay} could be reserved, ${billed} after it was billed 100, and ${released} after its release`,
      expected: '400, 400 and 900: it will be billed in the new period',
      help: 'A reservation belongs to no day. It counts in each until its release.',
    });
  }
});

step(3);

check('alerts once for each threshold, and again if nobody answers', async () => {
  const { alerts, fast } = (await run()).value;
  const said = (list: readonly Contract.Alert[]) =>
    list
      .map((it) => `${it.threshold} of ${it.period}${it.escalated ? ' escalated' : ''}`)
      .sort()
      .join(', ') || 'nothing';
  given(alerts, 'spending a budget of 1000').forEach(({ what, said: list }, i) => {
    hold(said(list) === (SAID[i] ?? 'nothing'), {
      happened: `a day and its month may each cost 1000, and are spent bit by bit. Then ${what}, and \`notify\` was told: ${said(list)}`,
      expected: SAID[i] ?? 'nothing',
      help: 'Note for each threshold of each period when it was sent and whether it needs a second word.',
    });
  });
  hold(said(given(fast, 'spending fast')) === FAST, {
    happened: `900 were spent on the first day and 700 on the second, of 1000 a day and 2000 a month, and \`notify\` was told: ${said(given(fast, 'spending fast'))}`,
    expected: FAST,
    help: 'One charge may reach two thresholds. Each day has its own, and so has the month.',
  });
});

step(4);

check('adds up to the bill, by tenant, feature and model', async () => {
  const { value, ledger, traffic } = await run();
  const rows = given(value.rows, 'rows');
  const cents = given(value.cents, 'rows');
  const calls = ledger.calls.slice(value.billFrom);
  const billed = sum(calls.map((call) => call.costMicroUsd));
  const total = sum(rows.map((row) => row.microUsd));
  hold(total === billed, {
    happened: `the rows add up to ${total} micro-dollars`,
    expected: `${billed}, as the provider billed`,
    help: 'Every attempt is billed, also the second one of a hedge. Whole micro-dollars add up exactly, dollars do not.',
  });
  const broken = [...rows, ...cents].find((row) => !Number.isInteger(row.microUsd));
  hold(broken === undefined, () => ({
    happened: `a row has ${broken?.microUsd} micro-dollars`,
    expected: 'a whole number of them, as the provider bills',
    help: 'Whole micro-dollars add up exactly. A dollar as a fraction does not: 0.1 + 0.2 is 0.30000000000000004.',
  }));
  const sums = cents.map(({ calls, microUsd, share }) => `${calls} for ${microUsd} (${percent(share)})`);
  hold(sums.join(', ') === CENTS, {
    happened: `one feature was billed 100,000 and 200,000 for one model and 100,000 for another, and its rows are: ${sums.join(', ')}`,
    expected: `${CENTS}: each model has a row of its own`,
  });
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
  const [names = [], ...lines] = readCsv(given(value.csv, "exportAs('csv')"));
  hold(names.join() === FIELDS.join(), {
    happened: `the first line of the CSV reads as ${JSON.stringify(names)}`,
    expected: JSON.stringify(FIELDS),
  });
  rows.forEach((row, i) => {
    hold(
      lines[i]?.length === FIELDS.length && FIELDS.every((field, at) => same(lines[i]?.[at], row[field])),
      {
        happened: `line ${i + 2} of the CSV reads as ${JSON.stringify(lines[i])}`,
        expected: JSON.stringify(FIELDS.map((field) => row[field])),
        help: 'A value with a comma, a quote or a line break stands in quotes, and its quotes are doubled (RFC 4180).',
      },
    );
  });
  hold(lines.length === rows.length, {
    happened: `the CSV has ${lines.length} rows`,
    expected: `${rows.length}`,
  });
  const json = given(value.json, "JSON.parse(exportAs('json'))");
  hold(
    json.length === rows.length &&
      rows.every((row, i) => FIELDS.every((field) => json[i]?.[field] === row[field])),
    { happened: 'the JSON is not the rows', expected: 'the same rows, numbers as numbers' },
  );
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

/** What can be reserved after each of the steps of `useLeases`. */
const ROOM_LEFT = [400, 800, 400, 700, 700, 500, 700, 600];
const TODAY = '2026-01-05';
/** What is said after each step of `raiseAlerts`, in the order of the alphabet; nothing where there is none. */
const SAID: Record<number, string> = {
  2: `0.5 of 2026-01, 0.5 of ${TODAY}`,
  4: `0.8 of 2026-01, 0.8 of ${TODAY}`,
  6: `1 of 2026-01, 1 of ${TODAY}`,
  9: `0.5 of 2026-01 escalated, 0.5 of ${TODAY} escalated, 0.8 of 2026-01 escalated`,
  11: `1 of 2026-01 escalated, 1 of ${TODAY} escalated`,
};
const FAST = `0.5 of 2026-01, 0.5 of ${TODAY}, 0.5 of 2026-01-06, 0.8 of 2026-01, 0.8 of ${TODAY}`;

/** The rows of `addCents`. */
const [STRONG, SMALL] = [300_000, 100_000];
const CENTS = `2 for ${STRONG} (75 %), 1 for ${SMALL} (25 %)`;

/** A cell may round its share. */
function same(cell: string | undefined, value: string | number): boolean {
  return typeof value === 'string' ? cell === value : Math.abs(Number(cell || 'none') - value) < 1e-4;
}

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

function time(ms: number | null): string {
  return ms !== null && Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 16) : 'no moment';
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
