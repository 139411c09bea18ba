import * as subject from '#days/day4-metrics/6-anomalies/anomalies.ts';
import { check, hold, meets, play, step } from '#lib/check';
import type { Tried } from '../attempt.ts';
import type * as Contract from '../contracts/anomalies.ts';
import { given } from '../given.ts';
import { CORNERS, isWorth, judge, MISSED_MS, SURER, savedByKey, savings, scenario } from './scenario.ts';

const run = play(scenario, subject);

step(1);

check('stays silent when nothing is wrong', async () => {
  const played = await run();
  for (const alerts of played.value.alerts) given(alerts, 'Detector.add');
  meets(
    played,
    'false alarms a week',
    'Compare a point with the same time (`atMs`) of days of its kind, working day or weekend, and wait for a second and third opinion.',
  );
});

check('sees every incident, on average within half an hour', async () => {
  const played = await run();
  meets(
    played,
    'detection delay',
    'One outlier in fifty makes a standard deviation so wide that an incident fits into it. The median and the median distance from it do not move.',
  );
  const { value, traffic } = played;
  traffic.series.forEach((series, i) => {
    const { delaysMs } = judge(series, given(value.alerts[i] ?? { error: 'nothing' }, 'Detector.add'));
    delaysMs.forEach((ms, at) => {
      hold(ms < MISSED_MS, {
        happened: `the incident in ${series.name} of ${new Date(series.incidents[at] ?? 0).toUTCString().slice(0, 22)} was not reported while it lasted`,
        expected: 'an alert',
        help: 'Twice what is usual on a Saturday is less than what is usual on a Friday.',
      });
    });
  });
});

check('says it once', async () => {
  const { value, traffic } = await run();
  traffic.series.forEach((series, i) => {
    const { reports } = judge(series, given(value.alerts[i] ?? { error: 'nothing' }, 'Detector.add'));
    const most = Math.max(...reports);
    hold(most <= 1, {
      happened: `one incident in ${series.name} gave ${most} alerts`,
      expected: 'one',
      help: 'Remember that you have said it until a few points in a row are normal again.',
    });
  });
});

step(2);

check('calls a regression what several runs agree on', async () => {
  const { value, traffic } = await run();
  const named = new Set(given(value.regressed, 'regressions'));
  const isWorse = ({ better, factor }: (typeof traffic.measured)[number]) =>
    better === 'lower' ? factor > 1 : factor < 1;
  const worse = traffic.measured.filter(isWorse);
  const same = traffic.measured.filter((it) => it.factor === 1);
  const improved = traffic.measured.find((it) => it.factor !== 1 && !isWorse(it) && named.has(it.name));
  hold(improved === undefined, () => ({
    happened: `"${improved?.name}" (${improved?.better} is better) was called a regression, and went from about ${Math.round(improved?.baseline[0] ?? 0)} to about ${Math.round(improved?.current[0] ?? 0)}`,
    expected: 'the names of what became worse only',
    help: 'A hit rate becomes worse by falling, and a latency better.',
  }));
  const missed = worse.filter((it) => !named.has(it.name));
  const invented = same.filter((it) => named.has(it.name));
  hold(invented.length <= 4, {
    happened: `${invented.length} of ${same.length} figures that had not changed were called regressions`,
    expected: 'at most 4',
    help: 'Of two hundred figures ten pass any test at 5 % by luck. Compare all runs of both sides, and ask for more.',
  });
  for (const better of ['lower', 'higher'] as const) {
    const all = worse.filter((it) => it.better === better).length;
    const lost = missed.filter((it) => it.better === better).length;
    hold(lost <= all * 0.2, {
      happened: `${lost} of ${all} figures of which ${better} is better, and which had become a quarter worse, were not named`,
      expected: 'eight of ten to be found',
      help: 'A hit rate becomes worse by falling.',
    });
  }
});

step(3);

const silent = check('recommends nothing where nothing is to be gained', async () => {
  const { value, traffic } = await run();
  traffic.days.forEach(({ name, today }, i) => {
    const exact = savings(today);
    for (const { type } of given(value.advice[i] ?? { error: 'nothing' }, 'recommend'))
      hold(isWorth(today, exact[type] * 1.3), {
        happened: `on a ${name} day it recommended ${type}, which saves ${percent(exact[type], today)} of the cost`,
        expected: 'silence below 5 %',
        help: 'A low hit rate is a reason for a cache only if requests repeat, and the first of several equal ones has to be paid for in any case.',
      });
  });
  cornersOf(value.corners, ({ advice }) => advice === undefined);
});

check('recommends what pays, and claims what it saves', { needs: [silent] }, async () => {
  const { value, traffic } = await run();
  cornersOf(value.corners, ({ advice }) => advice !== undefined);
  traffic.days.forEach(({ name, today, tomorrow }, i) => {
    const advice = given(value.advice[i] ?? { error: 'nothing' }, 'recommend');
    const [exact, next] = [savings(today), savings(tomorrow)];
    for (const [type, saved] of Object.entries(exact) as [Contract.Recommendation['type'], number][]) {
      if (!isWorth(today, saved / 2)) continue;
      const found = advice.find((it) => it.type === type);
      hold(found !== undefined, {
        happened: `on a ${name} day it did not recommend ${type}`,
        expected: `a recommendation: it saves ${percent(saved, today)} of the cost`,
      });
      beginsWhereMostIsSaved(name, today, found);
      const claim = found.impactMicroUsd;
      // What rests on a few calls is judged by its confidence, see below.
      if (today.length < 1000 || (type === 'provider' && triedOf(today) < 100)) continue;
      hold(Math.abs(claim / next[type] - 1) <= 0.2, {
        happened: `on a ${name} day ${type} was to save ${dollars(claim)}`,
        expected: `${dollars(next[type])}, give or take a fifth: what it saved on the next day`,
        help: 'The first of several equal requests has to be paid for; half price saves half; where one call in ten was tried, the share that passed stands for all.',
      });
    }
  });
});

check('is less sure where it knows less', { needs: [silent] }, async () => {
  const { value, traffic } = await run();
  for (const [type, ...days] of SURER) {
    const [more, less] = days.map((name) => {
      const advice = value.advice[traffic.days.findIndex((it) => it.name === name)];
      return given(advice ?? { error: 'nothing' }, 'recommend').find((it) => it.type === type)?.confidence;
    });
    const [ofMore, ofLess] = days.map((name) => {
      const calls = traffic.days.find((it) => it.name === name)?.today ?? [];
      return type === 'provider'
        ? `${triedOf(calls)} of ${calls.length} calls tried`
        : `${calls.length} calls`;
    });
    hold(more !== undefined && less !== undefined && less < more && more <= 1 && less >= 0, {
      happened: `with ${ofMore} the confidence of ${type} was ${more}, with ${ofLess} it was ${less}`,
      expected: 'two numbers from 0 to 1, the second one lower',
      help: 'Few calls leave a wide interval around a share, many a narrow one.',
    });
  }
});

/** What is recommended for the fixed days, of those of which something, or nothing, is to be recommended. */
function cornersOf(
  corners: readonly Tried<Contract.Recommendation[]>[],
  isMeant: (corner: (typeof CORNERS)[number]) => boolean,
): void {
  CORNERS.forEach((corner, i) => {
    if (!isMeant(corner)) return;
    const [type, microUsd = 0] = corner.advice ?? [];
    const said = given(corners[i] ?? { error: 'nothing' }, 'recommend');
    const inWords = said.map((it) => `${it.type}, which was to save ${it.impactMicroUsd} micro-dollars`);
    const isRight = type
      ? said.length === 1 && said[0]?.type === type && Math.abs(said[0].impactMicroUsd / microUsd - 1) < 0.01
      : said.length === 0;
    hold(isRight, {
      happened: `${corner.what}, each for 100 micro-dollars, and it recommended ${inWords.join(' and ') || 'nothing'}`,
      expected: type ? `${type}, which saves ${microUsd}` : 'nothing',
      help: 'A twentieth of the cost is worth it, less is not.',
    });
  });
}

function triedOf(calls: readonly Contract.CallSummary[]): number {
  return calls.filter((call) => call.passesOnCheap !== undefined).length;
}

function beginsWhereMostIsSaved(
  day: string,
  calls: readonly Contract.CallSummary[],
  { type, beginWith }: Contract.Recommendation,
): void {
  const byKey = savedByKey(calls, type);
  const [most] = [...byKey].sort(([, a], [, b]) => b - a) as [[string, number]];
  const saved = byKey.get(beginWith) ?? 0;
  hold(saved >= most[1] - 0.5, {
    happened: `on a ${day} day ${type} was to begin with "${beginWith}", which saves ${dollars(saved)}`,
    expected: `"${most[0]}", which saves ${dollars(most[1])}, or another that saves as much`,
    help: 'Add up what each key saves. What is asked for a hundred times is worth more than what is dear.',
  });
}

function percent(microUsd: number, calls: readonly Contract.CallSummary[]): string {
  const total = calls.reduce((sum, call) => sum + call.costMicroUsd, 0);
  return `${Math.round((microUsd / total) * 1000) / 10} %`;
}

function dollars(microUsd: number): string {
  return `$${(microUsd / 1e6).toFixed(4)}`;
}
