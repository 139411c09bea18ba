import { expect, test } from 'vitest';
import { createStyle } from '../../lib/report/style.ts';
import { verdictScreen } from '../../lib/report/verdict-screen.ts';
import { failedVerdict, makeCheck, makeVerdict } from '../fixtures/verdict.ts';

const plain = createStyle({ columns: 80 }, {});
const FAN_OUT = {
  title: 'Fan-out',
  dir: '/course/days/day1-latency/1-fan-out',
  files: ['fan-out.ts'],
  steps: ['Ask at once', 'Keep what failed'],
};

test('a failed lab shows each check, what was measured, where to look, and the command that repeats it', () => {
  expect(verdictScreen(failedVerdict(), FAN_OUT, '/course', plain)).toMatchInlineSnapshot(`
    "day1.1 Fan-out · seed 4

      Note: Type error in days/day1-latency/1-fan-out/fan-out.ts:3: no (TS1)

      pass   1  waits for every call
                It printed:
                | hello
      fail   2  takes no longer than the slowest call
                Makespan was 54.44 s.
                Expected: at most 3.52 s
                Hint: Calls that do not need each other should not wait for each
                other.
                days/day1-latency/1-fan-out/fan-out.ts:12
      skip   3  keeps the order
                cannot be judged yet

                 before    yours  target   limit  █ yours  | target
      makespan  54.44 s  54.44 s  3.52 s  2.94 s  █|██████████████

      2 calls over 2 s, at most 1 under way at one time (1 without an answer):
      ████████████████████████████████████████████████████████████
      0 s                                                      2 s

    Not passed: 1 of 3 checks failed; makespan 54.44 s (target 3.52 s, limit 2.94
    s).
    Again: npm run lab -- check day1.1 --seed 4"
  `);
});

test('a passed lab ends with its main figure in one line', () => {
  const { metrics } = failedVerdict();
  const passed = makeVerdict({ metrics: metrics.map((metric) => ({ ...metric, yours: 2940 })) });
  expect(verdictScreen(passed, FAN_OUT, '/course', plain)).toContain(
    'Passed: makespan 2.94 s (target 3.52 s, limit 2.94 s).',
  );
});

test('where no line is known to be the cause, the file to look at is named, as a link where there are links', () => {
  const verdict = makeVerdict({ status: 'failed', checks: [makeCheck({ status: 'fail', message: 'No.' })] });
  expect(verdictScreen(verdict, FAN_OUT, '/course', plain)).toContain(
    '\nLook at: days/day1-latency/1-fan-out/fan-out.ts:1\n',
  );
  const linked = createStyle({ isTTY: true, columns: 80 }, {});
  expect(verdictScreen(verdict, FAN_OUT, '/course', linked)).toMatch(
    /\]8;;file:\/\/\S*\/course\/days\/day1-latency\/1-fan-out\/fan-out\.ts/,
  );
});

test('what was measured has a line of its own only where the finding does not say it', () => {
  const shown = (message: string) => {
    const check = makeCheck({ status: 'fail', message, expected: 'at most 2 s', actual: '3.1 s' });
    return verdictScreen(makeVerdict({ status: 'failed', checks: [check] }), FAN_OUT, '/', plain);
  };
  expect(shown('The pipeline took 3.1 s.')).not.toContain('Measured');
  expect(shown('The pipeline took too long.')).toContain('Measured: 3.1 s');
});

test('the checks of a lab with steps stand under the heading of their step', () => {
  const checks = [
    makeCheck({ name: 'asks at once', step: 1 }),
    makeCheck({ name: 'keeps what failed', step: 2, status: 'fail', message: 'No.' }),
  ];
  expect(verdictScreen(makeVerdict({ status: 'failed', checks }), FAN_OUT, '/course', plain)).toContain(
    `  Step 1 of 2: Ask at once
  pass   1  asks at once
  Step 2 of 2: Keep what failed
  fail   2  keeps what failed
`,
  );
});

test('a figure that misses its target by little is told in as many digits as show it', () => {
  const { metrics } = failedVerdict();
  const close = metrics.map((metric) => ({ ...metric, yours: 3521, target: 3520 }));
  expect(verdictScreen(makeVerdict({ status: 'failed', metrics: close }), FAN_OUT, '/', plain)).toContain(
    'makespan 3.521 s (target 3.52 s',
  );
});

test('what a scenario drew stands under the table', () => {
  const { metrics } = failedVerdict();
  const text = verdictScreen(makeVerdict({ metrics, charts: ['one ###\ntwo #\n'] }), FAN_OUT, '/', plain);
  expect(text).toMatch(/makespan .*\n\n {2}one ###\n {2}two #\n\n/);
});

test('no line is wider than a narrow terminal, except for what must not be broken', () => {
  const narrow = createStyle({ columns: 50 }, {});
  const lines = verdictScreen(failedVerdict(), FAN_OUT, '/course', narrow).split('\n');
  const wide = lines.filter(
    (line) => line.length > 50 && !line.includes('days/') && !line.includes('calls over'),
  );
  expect(wide).toEqual([]);
});

test('with ACCESSIBLE there are words only: no bars, no escape sequences', () => {
  const accessible = createStyle({ isTTY: true, columns: 80 }, { ACCESSIBLE: '1', NO_COLOR: '1' });
  const text = verdictScreen(failedVerdict(), FAN_OUT, '/course', accessible);
  for (const drawn of ['█', '▁', '│', '···', '\u001b']) expect(text).not.toContain(drawn);
  expect(text).toContain('2 calls over 2 s, at most 1 under way at one time (1 without an answer).');
});

test('NO_COLOR and FORCE_COLOR are obeyed', () => {
  const coloured = (env: NodeJS.ProcessEnv, isTTY: boolean) =>
    createStyle({ isTTY }, env).paint('red', 'x') !== 'x';
  expect(coloured({}, true)).toBe(true);
  expect(coloured({}, false)).toBe(false);
  expect(coloured({ NO_COLOR: '1' }, true)).toBe(false);
  expect(coloured({ FORCE_COLOR: '1' }, false)).toBe(true);
});

test('in a lab that keeps score, a pass tells the score beside the best, the reference and the limit', () => {
  const personalBest = { score: 71.249, best: 74, reference: 80, limit: 100 };
  const screen = verdictScreen(makeVerdict({ personalBest }), FAN_OUT, '/course', plain);
  expect(screen).toMatch(/Passed\.\nScore 71\.2, your best 74, reference 80, limit 100\.$/);
});
