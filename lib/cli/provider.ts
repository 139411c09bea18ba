import { parseArgs } from 'node:util';
import { type Clock, createRealClock } from '../clock/index.ts';
import { type SeenRequest, type Served, serveProvider } from '../provider/doors/node.ts';
import type { DeploymentPlan, Fault, ProviderPlan } from '../provider/index.ts';
import { createProvider, defineProvider, inWords } from '../provider/index.ts';
import {
  findModel,
  isServed,
  MODEL_NAMES,
  type Model,
  type ModelName,
  modelFor,
} from '../provider/models.ts';
import { createTurns } from '../provider/steps.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';

/** `npm run provider`: the simulated provider behind a port, for curl, Python, Go or any client. */
export function main(): Promise<void> {
  return runEntry(provide);
}

export interface ProviderCommand {
  port: number;
  host: string;
  seed: number;
  speed: number;
  key?: string;
  quiet: boolean;
  rpm: number;
  tpm: number;
  errors: number;
  /** Azure deployments by name. */
  azure: Record<string, ModelName>;
}

const help = () => `npm run provider -- [options]

Serves the simulated provider until Ctrl-C: OpenAI under /v1, Azure OpenAI under /openai.

  --port N       port to listen on (default 4010; 0 takes a free one)
  --host H       address to listen on (default 127.0.0.1: this machine only)
  --key K        the only key that is accepted (default: any key)
  --seed N       draws answers and latencies (default 1)
  --speed X      time runs so many times faster (default 1)
  --rpm N        requests a minute for each deployment (default 30000)
  --tpm N        tokens a minute for each deployment (default 150000000)
  --azure N=M    one more Azure deployment: its name and its model; may be given several times
  --errors S     share of the requests answered with 503, from 0 to 1 (default 0)
  --quiet        no line for each request
  --help         this text

Azure deployments: ${azureNames().join(', ')}.`;

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

/** What the arguments ask for, or what is wrong with them. */
export function planProvider(
  argv: readonly string[],
): ProviderCommand | { problem: string } | { help: true } {
  const parsed = readArguments(argv);
  if ('problem' in parsed) return parsed;
  const { values, positionals } = parsed;
  if (positionals.length > 0)
    return {
      problem: `Nothing is expected before the options, but "${positionals[0]}" was given. npm needs "--" before them: npm run provider -- --port 5000`,
    };
  if (values.help) return { help: true };
  const numbers: Record<string, number | undefined> = {};
  for (const [name, { from, to, fallback, whole }] of Object.entries(NUMBERS)) {
    const text = values[name as keyof typeof NUMBERS] as string | undefined;
    const value = text === undefined ? fallback : Number(text);
    const bad = value !== undefined && !(value >= from && value <= to && (!whole || Number.isInteger(value)));
    if (bad)
      return {
        problem: `--${name} must be a ${whole ? 'whole ' : ''}number from ${from} to ${to}; received "${text}".`,
      };
    numbers[name] = value;
  }
  const { host = '127.0.0.1', key, quiet = false } = values;
  const azure = readAzure(values.azure ?? []);
  if ('problem' in azure) return azure;
  return {
    host,
    quiet,
    azure: azure.deployments,
    ...(key !== undefined && { key }),
    ...(numbers as Pick<ProviderCommand, keyof typeof NUMBERS>),
  };
}

function readAzure(
  given: readonly string[],
): { deployments: Record<string, ModelName> } | { problem: string } {
  const deployments: Record<string, ModelName> = { ...AZURE };
  for (const each of given) {
    const [, name, model = ''] = /^([\w.-]+)=(.+)$/.exec(each) ?? [];
    const found = findModel(model);
    if (name === undefined || !found)
      return {
        problem: `--azure must be NAME=MODEL with one of ${MODEL_NAMES.join(', ')}; received "${each}".`,
      };
    if (!isServed(found, 'azure'))
      return { problem: `${model} had its last day at Azure on ${found.lastDay.azure}; received "${each}".` };
    deployments[name] = model as ModelName;
  }
  return { deployments };
}

const MANY = 1_000_000_000;
const NUMBERS = {
  port: { from: 0, to: 65_535, fallback: 4010, whole: true },
  seed: { from: 0, to: MANY, fallback: 1, whole: true },
  speed: { from: 0.01, to: 100_000, fallback: 1, whole: false },
  // The highest limits that OpenAI publishes for a small model (tier 5).
  rpm: { from: 1, to: MANY, fallback: 30_000, whole: true },
  tpm: { from: 1, to: MANY, fallback: 150_000_000, whole: true },
  errors: { from: 0, to: 1, fallback: 0, whole: false },
} as const;

function readArguments(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const yes = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        port: text,
        host: text,
        key: text,
        seed: text,
        speed: text,
        rpm: text,
        tpm: text,
        errors: text,
        azure: { type: 'string', multiple: true },
        quiet: yes,
        help: yes,
      },
    });
  } catch (error) {
    const [sentence] = String((error as Error).message).split('. ');
    return { problem: `${sentence}. "npm run provider -- --help" lists the options.` };
  }
}

async function serve(command: ProviderCommand, context: Context): Promise<ExitCode> {
  const { port, host, seed, speed, key, quiet } = command;
  const provider = createProvider({
    plan: everything(command),
    seed,
    clock: faster(createRealClock(), speed),
    speed,
    pause: createTurns(() => performance.now(), setImmediate),
    faults: faults(command),
    ledger: 'totals',
  });
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
  if (host !== '127.0.0.1' && host !== 'localhost') say(context, 'Others on your network can reach it too.');
  return new Promise(() => {
    context.onStop(() => {
      const { calls, costMicroUsd } = provider.ledger.totals();
      say(
        context,
        `\nStopped after ${inWords(calls, 'count')} requests; they would have cost ${inWords(costMicroUsd, 'microUsd')}.`,
      );
      void served.close();
    });
  });
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

/** Every model at OpenAI, and a few deployments at Azure. */
function everything({ rpm, tpm, azure }: ProviderCommand): ProviderPlan {
  const limits = { quota: { requestsPerMin: rpm, tokensPerMin: tpm } };
  const served = MODEL_NAMES.filter((name) => isServed(findModel(name) as Model, 'openai'));
  const openAi = served.map((model): [string, DeploymentPlan] => [model, { model, ...limits }]);
  const atAzure = Object.entries(azure).map(([name, model]): [string, DeploymentPlan] => [
    name,
    { model, vendor: 'azure', ...limits },
  ]);
  return defineProvider({ deployments: Object.fromEntries([...openAi, ...atAzure]) });
}

const AZURE = {
  chat: modelFor('small'),
  'chat-strong': modelFor('strong'),
  'chat-reasoning': modelFor('thinker'),
  embeddings: modelFor('embedder'),
} as const satisfies Record<string, ModelName>;

function azureNames(): string[] {
  return Object.entries(AZURE).map(([name, model]) => `${name} (${findModel(model)?.snapshot})`);
}

function faults({ errors }: ProviderCommand): Fault[] {
  return errors > 0 ? [{ when: { share: errors }, effect: { error: 'overloaded' } }] : [];
}

function faster(clock: Clock, speed: number): Clock {
  return { now: () => clock.now() * speed, sleep: (ms, signal) => clock.sleep(ms / speed, signal) };
}

function lineFor({ method, path, status, tookMs }: SeenRequest): string {
  return `${String(status).padEnd(7)} ${inWords(tookMs, 'ms').padStart(8)}  ${method} ${path}`;
}
