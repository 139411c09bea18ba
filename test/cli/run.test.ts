import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunChoice, run, speedFor } from '../../lib/cli/commands/run.ts';
import type { Context } from '../../lib/cli/context.ts';
import { type Served, serveProvider } from '../../lib/provider/doors/node.ts';
import { createProvider, defineProvider } from '../../lib/provider/index.ts';
import { createStyle } from '../../lib/report/style.ts';
import { newLabFiles } from '../../lib/workbook/new-lab.ts';
import { allLabs, type Lab, readWorkbook } from '../../lib/workbook/workbook.ts';
import { expectSaneTerminal, hasTmux, openTerminal } from './terminal.ts';

const KEY = 'sk-test-0123456789';
const MODEL = 'gpt-4o-mini';
/** Quick, because a run is shown at human speed. */
const latency = { ttftMs: 20, prefillPerSec: 100_000, outputPerSec: 1000, p95OverP50: 1.1 };
const PLAN = defineProvider({ deployments: { [MODEL]: { model: MODEL, latency } } });
const PROVIDER = `import { defineProvider } from '#lib/provider';
export const provider = defineProvider(${JSON.stringify(PLAN)});
`;
/** Answers at once: what is tested is not how long it takes. */
const NO_WAIT = { now: () => performance.now(), sleep: async () => {} };

let root: string;
let lab: Lab;
/** The account: what `npm run provider` serves. */
let account: Served;
const provider = createProvider({ plan: PLAN, seed: 1, clock: NO_WAIT });

beforeAll(async () => {
  // Inside this package, because that is where a lab finds `#lib`; git ignores the folder.
  mkdirSync('.workbook', { recursive: true });
  root = mkdtempSync(resolve('.workbook', 'run-test-'));
  const files = {
    ...newLabFiles({ day: 'day1-test', slug: '1-lab' }),
    'days/day1-test/provider.ts': PROVIDER,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  [lab] = allLabs(readWorkbook(root)) as [Lab];
  account = await serveProvider(provider, { port: 0, key: KEY });
});
afterAll(async () => {
  await account.close();
  rmSync(root, { recursive: true, force: true });
});

interface Ended {
  code: number;
  text: string;
  /** Calls that reached the account. */
  asked: number;
}

/** Runs the lab on streams of its own. With `typed` they are a terminal, in which this is typed when a question comes. */
async function runLab(choice: Partial<RunChoice>, typed?: string): Promise<Ended> {
  const before = provider.ledger.calls.length;
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  let text = '';
  stdout.on('data', (data) => {
    const asks = !text.includes('go back') && String(data).includes('go back');
    text += data;
    if (asks) stdin.write(typed);
  });
  const terminal = { isTTY: typed !== undefined };
  const env = {
    ...process.env,
    ...{ OPENAI_API_KEY: KEY, OPENAI_MODEL: MODEL, OPENAI_BASE_URL: `${account.url}/v1`, ACCESSIBLE: '1' },
  };
  const context: Context = {
    ...{ root, cwd: root, env, style: createStyle({}, env), onStop: () => {} },
    stdin: Object.assign(stdin, terminal),
    stdout: Object.assign(stdout, terminal),
    stderr: stdout,
  };
  const code = await run(context, lab, { seed: 1, live: true, yes: false, budgetUsd: 0.05, ...choice });
  return { code, text, asked: provider.ledger.calls.length - before };
}

test('a run shows each question and answer of the simulated provider as they come, and asks no account', async () => {
  const { code, text, asked } = await runLab({ live: false });
  expect(text).toMatch(/day1\.1 Lab, at human speed: 8 calls, [\d.]+ m?s/);
  expect(text).toMatch(/\d\.\d\d s {2}#1 asks: Question 0/);
  expect(text).toMatch(/#8 complete, \d+ tokens in, \d+ out/);
  expect(text).toContain('your code is done');
  expect([code, asked]).toEqual([0, 0]);
}, 30_000);

test('a live run goes to the account, says what it may cost, and never shows the key', async () => {
  const { code, text, asked } = await runLab({ yes: true });
  expect(text).toContain('against your own account: about 8 calls');
  expect(text).toContain('at most $0.05');
  expect(text).toMatch(/#8 complete, \d+ tokens in, \d+ out/);
  expect([code, asked]).toEqual([0, 8]);
  expect(text).not.toContain(KEY);
}, 30_000);

test('a secret that the code prints is not shown', async () => {
  const path = join(lab.dir, lab.files[0] ?? '');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, `console.log('the key is', process.env.OPENAI_API_KEY);\n${text}`);
  const { text: shown } = await runLab({ yes: true });
  writeFileSync(path, text);
  expect(shown).toContain('the key is (a secret)');
  expect(shown).not.toContain(KEY);
}, 30_000);

test('a live run stops before the call that its budget does not cover', async () => {
  const { code, text, asked } = await runLab({ yes: true, budgetUsd: 0.0001 });
  expect(code).toBe(1);
  expect(text).toContain('The budget of $0.0001 is used up');
  expect(asked).toBeLessThan(8);
  expect(provider.ledger.totals().costMicroUsd).toBeGreaterThan(0);
}, 30_000);

test('a live run asks before it spends: no is no, yes goes on, and Ctrl-C leaves', async () => {
  const [no, yes, interrupted] = await Promise.all([
    runLab({}, '1\n'),
    runLab({}, '2\n'),
    runLab({}, '\u0003'),
  ]);
  expect(no?.text).toContain('Go on?');
  expect([no.code, yes.code, interrupted.code]).toEqual([0, 0, 130]);
  expect(no.text).not.toContain('asks');
  expect(interrupted.text).not.toContain('asks');
  expect(yes.text).toContain('your code is done');
}, 30_000);

test('without a yes and without a terminal nothing is spent', async () => {
  const { code, text, asked } = await runLab({});
  expect([code, asked]).toEqual([2, 0]);
  expect(text).toContain('add --yes to agree');
}, 30_000);

test('a run that takes longer than a minute is shown so much faster that it does not, or as fast as is asked', async () => {
  const asked = await runLab({ live: false, speed: 100 });
  expect(asked.text).toContain('shown 100 times as fast as life (--speed 1 for human speed): 8 calls');
  expect(speedFor(59_000)).toBe(1);
  expect(speedFor(440_000)).toBe(10);
  expect(speedFor(7_200_000)).toBe(200);
});

test.skipIf(!hasTmux())(
  'in a terminal, against `npm run provider`: no spends nothing, yes streams and ends, the key is never shown',
  async () => {
    const start = `"${process.execPath}" "${resolve('lib/cli/start.cjs')}"`;
    const server = openTerminal({}, 200);
    const shell = openTerminal({ WORKBOOK_ROOT: root }, 160);
    try {
      server.type(`${start} provider --port 0 --speed 50`, 'Enter');
      const [, port = ''] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(await server.shows(/127\.0\.0\.1:\d+/)) ?? [];
      const account = {
        OPENAI_API_KEY: KEY,
        OPENAI_MODEL: MODEL,
        OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      };
      const lines = Object.entries(account).map(([name, value]) => `${name}=${value}\n`);
      writeFileSync(join(root, '.env'), lines.join(''));
      // The shell's own account, if it has one, must not be asked.
      const without = [...Object.keys(account), 'AZURE_OPENAI_ENDPOINT']
        .map((name) => `-u ${name}`)
        .join(' ');
      const live = `clear; env ${without} ${start} lab run day1.1 --live --budget 0.02; echo "exit $?"`;

      shell.type(live, 'Enter');
      await shell.shows(/about 8 calls, .*at most \$0\.02\. Go on\?[\s\S]*Yes, spend it/);
      shell.type('Enter');
      await shell.shows('exit 0');
      await expectSaneTerminal(shell);
      expect(server.screen()).not.toContain('/v1/chat/completions');

      shell.type(live, 'Enter');
      await shell.shows('Yes, spend it');
      shell.type('Down', 'Enter');
      const shown = await shell.shows(/your code is done[\s\S]*exit 0/);
      expect(shown).toMatch(/#8 complete, \d+ tokens in, \d+ out/);
      expect(shown).not.toContain(KEY);
      await expectSaneTerminal(shell);
      expect(server.screen().match(/\/v1\/chat\/completions/g)?.length).toBe(8);

      shell.type(live, 'Enter');
      await shell.shows('Yes, spend it');
      shell.type('C-c');
      await shell.shows('exit 130');
      await expectSaneTerminal(shell);
    } finally {
      rmSync(join(root, '.env'), { force: true });
      shell.close();
      server.close();
    }
  },
  60_000,
);
