import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { newLabFiles } from '../../lib/workbook/new-lab.ts';

const KEY = 'sk-test-0123456789';
const PROVIDER = `import { defineProvider } from '#lib/provider';
export const provider = defineProvider({ deployments: { 'gpt-4o-mini': { model: 'gpt-4o-mini' } } });
`;

let root: string;
beforeAll(() => {
  // Inside this package, because that is where a lab finds \`#lib\`; git ignores the folder.
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
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** An account that answers every chat with the same words, and counts. */
let account: Server;
let asked: string[];
beforeEach(async () => {
  asked = [];
  account = createServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json');
      const usage = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
      response.end(
        JSON.stringify({ choices: [{ message: { role: 'assistant', content: 'Hello there.' } }], usage }),
      );
    });
  });
  await new Promise<void>((listening) => account.listen(0, '127.0.0.1', listening));
});
afterEach(() => account.close());

function lab(...words: string[]): Promise<{ code: number; text: string }> {
  const { port } = account.address() as AddressInfo;
  const env = {
    ...process.env,
    ...{ WORKBOOK_ROOT: root, OPENAI_API_KEY: KEY, OPENAI_MODEL: 'gpt-4o-mini' },
    OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  };
  return new Promise((done) => {
    execFile(
      process.execPath,
      [resolve('lib/cli/start.cjs'), 'lab', ...words],
      { env },
      (error, stdout, stderr) => {
        done({ code: error ? Number(error.code) : 0, text: stdout + stderr });
      },
    );
  });
}

test('a run shows each question and answer of the simulated provider as they come, and asks no account', async () => {
  const { code, text } = await lab('run', 'day1.1');
  expect(text).toMatch(/day1\.1 Lab, at human speed: 8 calls, [\d.]+ s/);
  expect(text).toMatch(/\d\.\d\d s {2}#1 asks: Question 0/);
  expect(text).toMatch(/#8 complete, \d+ tokens in, \d+ out/);
  expect(text).toContain('your code is done');
  expect(code).toBe(0);
  expect(asked).toEqual([]);
}, 60_000);

test('a live run goes to the account, says what it may cost, and never shows the key', async () => {
  const { code, text } = await lab('run', 'day1.1', '--live', '--yes');
  expect(text).toContain('against your own account: about 8 calls');
  expect(text).toContain('at most $0.05');
  expect(text).toContain('#8 says: Hello there.');
  expect(code).toBe(0);
  expect(asked).toEqual(Array(8).fill(`Bearer ${KEY}`));
  expect(text).not.toContain(KEY);
}, 60_000);

test('a live run stops before the call that its budget does not cover', async () => {
  // One call may cost $0.0006 (a thousand tokens of output) and does cost $0.0000135.
  const { code, text } = await lab('run', 'day1.1', '--live', '--yes', '--budget', '0.00065');
  expect(code).toBe(1);
  expect(text).toContain('The budget of $0.00065 is used up');
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length).toBeLessThan(8);
}, 60_000);

test('without a yes and without a terminal nothing is spent', async () => {
  const { code, text } = await lab('run', 'day1.1', '--live');
  expect(code).toBe(2);
  expect(text).toContain('add --yes to agree');
  expect(asked).toEqual([]);
}, 60_000);
