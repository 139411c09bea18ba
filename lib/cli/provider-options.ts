import { parseArgs } from 'node:util';
import { AZURE_DEPLOYMENTS } from '../provider/every-model.ts';
import { findModel, isServed, MODEL_NAMES, type ModelName } from '../provider/models.ts';

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
  /** A JSON file of rules. */
  script?: string;
  /** A JSON file of deployments, besides or in place of those that are there. */
  deployments?: string;
  /** The key of the control door. */
  control?: string;
  /** Azure deployments by name. */
  azure: Record<string, ModelName>;
}

export const help = () => `npm run provider -- [options]

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
  --deployments F  deployments in a JSON file: name, vendor, role or model, quota, latency, load, cache
  --script F     rules in a JSON file: which request gets which answer, error or delay; read again when it is saved
  --control K    opens the control door at /control/ for those who show the key K: ledger, script, reset, sessions
  --quiet        no line for each request
  --help         this text

Azure deployments: ${azureNames().join(', ')}.`;

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
  const { host = '127.0.0.1', key, script, control, deployments, quiet = false } = values;
  const azure = readAzure(values.azure ?? []);
  if ('problem' in azure) return azure;
  return {
    host,
    quiet,
    azure: azure.deployments,
    ...(key !== undefined && { key }),
    ...(script !== undefined && { script }),
    ...(deployments !== undefined && { deployments }),
    ...(control !== undefined && { control }),
    ...(numbers as Pick<ProviderCommand, keyof typeof NUMBERS>),
  };
}

function readAzure(
  given: readonly string[],
): { deployments: Record<string, ModelName> } | { problem: string } {
  const deployments: Record<string, ModelName> = { ...AZURE_DEPLOYMENTS };
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
        script: text,
        deployments: text,
        control: text,
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

function azureNames(): string[] {
  return Object.entries(AZURE_DEPLOYMENTS).map(([name, model]) => `${name} (${findModel(model)?.snapshot})`);
}
