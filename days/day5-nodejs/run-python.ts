import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { permit } from '#lib/check';
import type { Clock } from '#lib/clock';
import { createProvider, leastEffort, modelFor } from '#lib/provider';
import { serveProvider } from '#lib/provider/doors/node.ts';
import { provider } from './provider.ts';
import { type Reference, recordedReference, summaryOf, tokensOf } from './reference.ts';

/** Python and its modules are loaded in well under a second; a machine that takes longer uses the recorded run. */
const PATIENCE_MS = 15_000;
const NAMES = process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python'];

let reference: Promise<Reference> | undefined;

/**
 * What the Python reference makes of the incident log: run now, once for this process, against a provider on loopback
 * that answers at once; or the recorded run, where there is no Python 3.9.
 */
export function pythonReference(): Promise<Reference> {
  reference ??= permit('python', runPython).then((ran) => {
    const { source, python, elapsedMs, recordedOn } = ran ?? recordedReference();
    console.log(
      source === 'measured'
        ? `Python ${python} ran optimiser.py beside your port: ${elapsedMs} ms, with a provider that answers at once.`
        : `No Python 3.9 or newer here: compared with the run recorded on ${recordedOn} (Python ${python}, ${elapsedMs} ms).`,
    );
    return ran ?? recordedReference();
  });
  return reference;
}

async function runPython(): Promise<Reference | undefined> {
  for (const name of NAMES) {
    const ran = await runAs(name);
    if (ran) return ran;
  }
  return undefined;
}

/** Each try has a provider of its own: one that was cut short has made calls too. */
async function runAs(name: string): Promise<Reference | undefined> {
  const atOnce: Clock = { now: () => performance.now(), sleep: async () => {} };
  const simulated = createProvider({
    plan: provider,
    seed: 1,
    clock: atOnce,
    answer: ({ prompt }) => summaryOf(prompt),
  });
  const served = await serveProvider(simulated, { port: 0 });
  try {
    const printed = await output(name, ['-B', OPTIMISER, '--base-url', `${served.url}/v1`, ...MODEL]);
    if (printed === undefined) return undefined;
    const { python, elapsedMs, answers } = JSON.parse(printed) as Reference;
    const { calls } = simulated.ledger;
    return { source: 'measured', python, elapsedMs, answers, calls: calls.length, tokens: tokensOf(calls) };
  } catch {
    // Whatever is wrong with this machine's Python, it is not the port that is to be graded.
    return undefined;
  } finally {
    await served.close();
  }
}

/** As the catalogue in use has it, which need not be the one that the program reads by itself. */
const MODEL = ['--model', modelFor('small'), '--effort', leastEffort(modelFor('small')) ?? ''];
const OPTIMISER = fileURLToPath(new URL('./python/optimiser.py', import.meta.url));

/** What a program prints, if it ends well and in time. */
function output(name: string, args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(name, args, { stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true });
    const timer = setTimeout(() => child.kill(), PATIENCE_MS);
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
    });
    const end = (well: boolean) => {
      clearTimeout(timer);
      resolve(well ? printed : undefined);
    };
    child.once('error', () => end(false));
    child.once('close', (code) => end(code === 0));
  });
}
