import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { type Control, createControl } from '../provider/control.ts';
import { readDeployments } from '../provider/deployments-file.ts';
import { type SeenRequest, type Served, serveProvider } from '../provider/doors/node.ts';
import { everyModel } from '../provider/every-model.ts';
import type { DeploymentPlan, Fault, Provider, ProviderOptions } from '../provider/index.ts';
import { createProvider, inWords } from '../provider/index.ts';
import { readScript } from '../provider/script.ts';
import { createTurns } from '../provider/steps.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { help, type ProviderCommand, planProvider } from './provider-options.ts';

/** `npm run provider`: the simulated provider behind a port, for curl, Python, Go or any client. */
export function main(): Promise<void> {
  return runEntry(provide);
}

async function provide(argv: string[], context: Context): Promise<ExitCode> {
  const plan = planProvider(argv);
  if ('problem' in plan) {
    context.stderr.write(`${plan.problem}\n`);
    return 2;
  }
  if ('help' in plan) {
    say(context, help());
    return 0;
  }
  return serve(plan, context);
}

async function serve(command: ProviderCommand, context: Context): Promise<ExitCode> {
  const { port, host, key, quiet, script, control } = command;
  const files = readFiles(command);
  const provider = 'problem' in files ? files : open(command, files);
  if ('problem' in provider) {
    context.stderr.write(`${provider.problem}\n`);
    return 2;
  }
  const onRequest = quiet ? undefined : (seen: SeenRequest) => say(context, lineFor(seen));
  let served: Served;
  try {
    served = await serveProvider(provider, {
      port,
      host,
      ...(key !== undefined && { key }),
      ...(onRequest && { onRequest }),
    });
  } catch (error) {
    context.stderr.write(`${whyNot(error as NodeJS.ErrnoException, port, host)}\n`);
    return 2;
  }
  say(
    context,
    `The simulated provider is on ${served.url} (OpenAI: ${served.url}/v1, Azure OpenAI: ${served.url}/openai). Ctrl-C stops it.`,
  );
  if (control !== undefined) say(context, `The control door is at ${served.url}/control/.`);
  if (host !== '127.0.0.1' && host !== 'localhost') say(context, 'Others on your network can reach it too.');
  if (script !== undefined) follow(script, command, provider, context);
  return new Promise(() => {
    context.onStop(() => {
      if (script !== undefined) unwatchFile(script);
      say(context, `\n${farewell(provider)}`);
      void served.close();
    });
  });
}

/** What stands in the files that the command names. */
interface Files {
  faults: Fault[];
  deployments: Record<string, DeploymentPlan>;
}

function readFiles({ script, deployments }: ProviderCommand): Files | { problem: string } {
  const rules = script === undefined ? { faults: [] } : readWith(script, readScript);
  if ('problem' in rules) return rules;
  const more = deployments === undefined ? { deployments: {} } : readWith(deployments, readDeployments);
  return 'problem' in more ? more : { ...rules, ...more };
}

/** One provider for all, or with a control door one for each session. Rules that make no sense are a problem. */
function open(command: ProviderCommand, files: Files): Behind | { problem: string } {
  const { control: key } = command;
  const options = optionsFor(command, files.deployments);
  const make = (faults: readonly Fault[]) => createProvider({ ...options, faults });
  const faults = withErrors(files.faults, command.errors);
  try {
    const provider = make(faults);
    return key === undefined ? provider : createControl({ make, key, faults });
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function optionsFor(
  { seed, speed, rpm, tpm, azure, control }: ProviderCommand,
  deployments: Files['deployments'],
): ProviderOptions {
  const plan = everyModel({ requestsPerMin: rpm, tokensPerMin: tpm }, azure);
  return {
    plan: { deployments: { ...plan.deployments, ...deployments } },
    seed,
    speed,
    pause: createTurns(() => performance.now(), setImmediate),
    ledger: control === undefined ? 'totals' : 'calls',
  };
}

type Behind = Provider | Control;

function withErrors(rules: readonly Fault[], share: number): Fault[] {
  return [...rules, ...(share > 0 ? [{ when: { share }, effect: { error: 'overloaded' } } as const] : [])];
}

function readWith<T extends object>(
  path: string,
  read: (text: string) => T | { problem: string },
): T | { problem: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return { problem: `${path} could not be read: ${(error as Error).message}.` };
  }
  const found = read(text);
  return 'problem' in found ? { problem: `${path}: ${found.problem}` } : found;
}

/** Rules are taken over when the file is saved; with a mistake in it the rules before stay. */
function follow(path: string, { errors }: ProviderCommand, provider: Behind, context: Context): void {
  watchFile(path, { interval: LOOK_MS }, () => {
    const read = readWith(path, readScript);
    try {
      if ('problem' in read) throw new Error(read.problem);
      provider.setFaults(withErrors(read.faults, errors));
      say(context, `${path}: ${read.faults.length} rules from now on.`);
    } catch (error) {
      context.stderr.write(`${(error as Error).message} The rules before stay.\n`);
    }
  });
}

const LOOK_MS = 200;

function farewell(provider: Behind): string {
  if (!('ledger' in provider)) return 'Stopped.';
  const { calls, costMicroUsd } = provider.ledger.totals();
  return `Stopped after ${inWords(calls, 'count')} requests; they would have cost ${inWords(costMicroUsd, 'microUsd')}.`;
}

function whyNot(error: NodeJS.ErrnoException, port: number, host: string): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} is in use already, perhaps by another provider. Choose one: npm run provider -- --port ${port + 1}`;
    case 'EACCES':
      return `Port ${port} may not be used by this user. Choose one above 1023: npm run provider -- --port 4010`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address "${host}". Leave --host away to serve this machine only.`;
    default:
      return `The provider could not listen on ${host}:${port}: ${error.message}.`;
  }
}

function lineFor({ method, path, status, tookMs }: SeenRequest): string {
  return `${String(status).padEnd(7)} ${inWords(tookMs, 'ms').padStart(8)}  ${method} ${path}`;
}
