import { expect, test } from 'vitest';
import { thinned, traceOf } from '../../lib/check/trace.ts';
import { alertsOf } from '../../lib/dashboard/alerts.ts';
import {
  costChart,
  errorsChart,
  hitsChart,
  latencyChart,
  stretchOf,
} from '../../lib/dashboard/time-charts.ts';
import { createLedger } from '../../lib/provider/ledger.ts';
import { createStyle } from '../../lib/report/style.ts';
import { timeline } from '../../lib/report/timeline.ts';
import { playFigures } from '../../lib/workbook/play-figures.ts';
import { makeMetric, makeRecord } from '../fixtures/run-record.ts';

/** The first thousand calls are quick, cheap and answered; what differs comes later. */
function longPlay() {
  const ledger = createLedger();
  for (let i = 0; i < 3000; i += 1) {
    const late = i >= 1000;
    const call = ledger.open({ vendor: 'openai', deployment: 'm', model: 'm', startMs: i * 10 });
    const tokens = { input: 100, cached: late ? 50 : 0, output: 10 };
    const end = { endMs: i * 10 + (late ? 900 : 5), costPicoUsd: late ? 3e6 : 1e6, tokens };
    if (i < 2000) ledger.close(call, { ...end, outcome: 'answered', status: 200, firstTokenMs: i * 10 + 2 });
    else ledger.close(call, { ...end, outcome: 'refused', status: i < 2500 ? 429 : 503 });
  }
  return { ...traceOf({ ledger, settledMs: 30_890 }), measured: true };
}

test('the figures of a long play are of all its calls, though a thousand are kept', () => {
  const play = longPlay();
  expect(play.calls).toHaveLength(1000);
  expect(playFigures([play])).toMatchObject({
    ...{ calls: 3000, unanswered: 1000, p50Ms: 5, p95Ms: 900, firstTokenMs: 2 },
    ...{ inputTokens: 300_000, cachedShare: 1 / 3, costMicroUsd: 7000 },
  });
});

test('a long play is drawn to its end, and what is said of it is of all its calls', () => {
  const play = longPlay();
  const whole = stretchOf(play, 30_890, 30_890, 0);
  expect(latencyChart(whole).summary).toBe('2000 answered calls: p50 5 ms, p95 900 ms, p99 900 ms.');
  expect(errorsChart(whole).summary).toBe(
    'Of 3000 calls, 429: 500, other errors: 500, given up by the client: 0.',
  );
  expect(hitsChart(whole).summary).toContain('33.3 %');
  expect(costChart(whole).summary).toMatch(/^\$0\.007000 in 30\.89 s/);
  expect(
    errorsChart(whole).series[0]?.values.reduce((sum: number, each) => sum + (each ?? 0), 0),
  ).toBeCloseTo(500, -1);
  const half = stretchOf(play, 30_890, 15_000, 0);
  expect(latencyChart(half).summary).toMatch(/^about 14\d\d answered calls/);
  const lines = timeline([play], [makeMetric({ unit: 'ms' })], createStyle({ isTTY: false }, {}));
  expect(lines.join(' ')).toContain('3000 calls over 30.89 s, at most 90 under way at one time (1000');
});

test('an alert counts all calls of a long play', () => {
  const alerts = alertsOf([makeRecord({ plays: [longPlay()] })]).map(({ text }) => text);
  expect(alerts).toEqual([
    '16.7 % of the calls ended without an answer.',
    '16.7 % of the calls were refused with 429.',
  ]);
});

test('thinned again, a call stands for more', () => {
  const again = thinned(longPlay(), 4);
  expect([again.calls.length, again.every, again.totals?.calls]).toEqual([250, 12, 3000]);
});
