import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(realpathSync(tmpdir()), 'provider-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (cwd: string, command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** The working tree as a repository that another project can depend on. */
function asRepository(): string {
  const copy = join(folder, 'workbook');
  for (const name of [
    'lib',
    'days',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    '.npmrc',
    '.gitignore',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  const git = (...args: string[]) => run(copy, 'git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args]);
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'one');
  return copy;
}

const TEST = `
import assert from 'node:assert';
import OpenAI from 'openai';
import { createProvider, SIMULATED_KEY } from 'llm-optimisation-workbook/provider';
import { mswHandlers } from 'llm-optimisation-workbook/provider/msw';

const provider = createProvider({ speed: 1000 });
const openai = new OpenAI({ apiKey: SIMULATED_KEY, fetch: provider.fetch });
await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] });
assert(provider.ledger.totals().costMicroUsd < 2000);
assert(mswHandlers(provider).length > 10);
console.log(provider.ledger.totals().answered);
`;

const TYPES = `
import { createProvider } from 'llm-optimisation-workbook/provider';
const cost: number = createProvider().ledger.totals().costMicroUsd;
// @ts-expect-error a seed is a number
createProvider({ seed: 'one' });
export { cost };
`;

test('another project depends on the repository, asserts what its feature costs, and starts the provider by its name', () => {
  const project = join(folder, 'project');
  mkdirSync(project);
  const dependencies = { 'llm-optimisation-workbook': `git+file://${asRepository()}` };
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module', dependencies }));
  writeFileSync(join(project, 'cost.js'), TEST);
  writeFileSync(join(project, 'types.ts'), TYPES);
  run(project, 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline']);
  expect(run(project, 'node', ['cost.js']).trim()).toBe('1');
  // As `tsc --init` has it.
  const strict =
    '--strict --skipLibCheck --types node --noEmit --module nodenext --target es2023 types.ts'.split(' ');
  expect(run(project, 'npx', ['tsc', ...strict])).toBe('');
  expect(run(project, 'npx', ['llm-provider', '--help'])).toContain('--port N');
});
