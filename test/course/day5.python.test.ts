import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Reference } from '../../days/day5-nodejs/reference.ts';
import { recordedReference } from '../../days/day5-nodejs/reference.ts';
import { gradeHere } from './grade-here.ts';

const CHECK = 'days/day5-nodejs/1-asyncio-port/check.test.ts';
const PORT = 'solutions/day5-nodejs/1-asyncio-port/port.ts';
const hasPython = ['python3', 'python', 'py'].some((name) => {
  const { status, stdout } = spawnSync(name, ['-c', 'import sys; print(sys.version_info >= (3, 9))']);
  return status === 0 && String(stdout).startsWith('True');
});

let folder: string;
let said: string[];
beforeEach(() => {
  mkdirSync('.workbook', { recursive: true });
  folder = mkdtempSync(resolve('.workbook', 'no-python-'));
  said = [];
  vi.spyOn(console, 'log').mockImplementation((line) => said.push(String(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** The reference is run once for each process; here it is looked for again. */
async function pythonReference(): Promise<Reference> {
  vi.resetModules();
  const module = await import('../../days/day5-nodejs/run-python.ts');
  return module.pythonReference();
}

test('day 5: a right port is right without Python too', async () => {
  vi.stubEnv('PATH', folder);
  const { first } = await gradeHere(resolve(CHECK), resolve(PORT), 1);
  expect(first).toBeUndefined();
}, 90_000);

test('day 5: without Python on the path the recorded reference is used, and said to be recorded', async () => {
  vi.stubEnv('PATH', folder);
  expect(await pythonReference()).toEqual(recordedReference());
  const { source, recordedOn, python, elapsedMs } = recordedReference();
  expect(source).toBe('recorded');
  expect(said).toEqual([
    `No Python 3.9 or newer here: compared with the run recorded on ${recordedOn} (Python ${python}, ${elapsedMs} ms).`,
  ]);
});

test.skipIf(!hasPython)(
  'day 5: what Python gives now is what was recorded',
  async () => {
    const now = await pythonReference();
    const { answers, calls, tokens } = recordedReference();
    expect(now).toMatchObject({ source: 'measured', answers, calls, tokens });
    expect(said[0]).toMatch(
      /^Python 3\.\d+\.\d+ ran optimiser\.py beside your port: \d+ ms, with a provider that answers at once\.$/,
    );
  },
  90_000,
);
