import { parseArgs } from 'node:util';
import type { BenchmarkChoice } from './commands/benchmark.ts';
import type { DashboardChoice } from './commands/dashboard.ts';
import type { GradeChoice } from './commands/grade.ts';
import type { ReportChoice } from './commands/report.ts';
import type { RunChoice } from './commands/run.ts';
import { recoverFlags } from './npm-flags.ts';
import { synopsis, USAGES, type Usage } from './usage.ts';

/** What the program is asked to do. */
export type Command =
  | { name: 'menu'; day?: string }
  | { name: 'help' }
  | { name: 'list'; json: boolean }
  | { name: 'check'; labs: string[]; json: boolean; subject: string; seed: number; files: ResultFiles }
  | { name: 'watch'; lab?: string }
  | ({ name: 'run'; lab: string } & RunChoice)
  | { name: 'compare'; lab: string; seed: number }
  | { name: 'hint'; lab: string }
  | { name: 'solution'; lab: string; force: boolean; apply: boolean }
  | { name: 'reset'; lab: string; undo?: string }
  | { name: 'open'; lab: string }
  | { name: 'quiz'; day: string }
  | { name: 'doctor' }
  | ({ name: 'dashboard' } & DashboardChoice)
  | ({ name: 'report' } & ReportChoice)
  | ({ name: 'benchmark'; labs: string[] } & BenchmarkChoice)
  | ({ name: 'grade' } & GradeChoice)
  | { name: 'update'; from?: string }
  /** The arguments cannot be used. */
  | { name: 'usage'; problem: string };

/** Where results go besides the screen: paths as they were given. */
export interface ResultFiles {
  junit?: string;
  ctrf?: string;
  classroom?: string;
}

/** Reads the arguments of `npm run lab`. Looks at nothing but its parameters. */
export function plan(argv: readonly string[], env: NodeJS.ProcessEnv): Command {
  const [first, ...rest] = argv;
  if (first === undefined) return { name: 'menu' };
  if (first === '--help' || first === '-h') return { name: 'help' };
  const usage = USAGES.find((each) => each.name === first);
  if (!usage) return planMenu(first, rest);
  const recovered = recoverFlags(rest, env, usage);
  if (!recovered.ok) return { name: 'usage', problem: recovered.problem };
  const read = readFlags(recovered.argv, usage);
  return read.ok ? build(usage, read) : { name: 'usage', problem: read.problem };
}

// --- helpers -----------------------------------------------------------------------------------------------------

interface Flags {
  ok: true;
  words: string[];
  on(flag: string): boolean;
  value(flag: string): string | undefined;
}

type Unread = { ok: false; problem: string };

function planMenu(first: string, rest: string[]): Command {
  if (first.startsWith('-') || rest.length > 0) {
    return { name: 'usage', problem: `There is no command "${first}". \`npm run lab -- help\` lists them.` };
  }
  return { name: 'menu', day: first };
}

function readFlags(argv: string[], usage: Usage): Flags | Unread {
  const type = (name: string) =>
    [name, { type: usage.values.includes(name) ? 'string' : 'boolean' }] as const;
  const options = Object.fromEntries([...usage.switches, ...usage.values].map(type));
  try {
    const args = withDefaults(argv, usage);
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [least, most] = usage.words;
    if (positionals.length < least || positionals.length > most) {
      return { ok: false, problem: `\`${usage.name}\` is used as: npm run lab -- ${synopsis(usage)}` };
    }
    return {
      ok: true,
      words: positionals,
      on: (flag) => values[flag] === true,
      value: (flag) => (typeof values[flag] === 'string' ? values[flag] : undefined),
    };
  } catch (error) {
    const said = error instanceof Error ? error.message.split('.')[0] : String(error);
    return { ok: false, problem: `${said}. It is used as: npm run lab -- ${synopsis(usage)}` };
  }
}

/** Gives a flag its usual value where none follows it. */
function withDefaults(argv: readonly string[], { defaults }: Usage): string[] {
  return argv.map((word, at) => {
    const usual = word.startsWith('--') ? defaults[word.slice(2)] : undefined;
    const following = argv[at + 1];
    const bare = following === undefined || following.startsWith('--');
    return usual !== undefined && bare ? `${word}=${usual}` : word;
  });
}

const DEFAULT_BUDGET_USD = 0.05;
const DASHBOARD_PORT = 4020;

function build(usage: Usage, flags: Flags): Command {
  const [lab = ''] = flags.words;
  const seed = Number(flags.value('seed') ?? 1);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    return {
      name: 'usage',
      problem: `A seed is a whole number from 0 on; "${flags.value('seed')}" is not one.`,
    };
  }
  switch (usage.name) {
    case 'list':
      return { name: 'list', json: flags.on('json') };
    case 'check': {
      const files = {
        junit: flags.value('junit'),
        ctrf: flags.value('ctrf'),
        classroom: flags.value('classroom'),
      };
      const subject = flags.value('subject') ?? 'yours';
      return { name: 'check', labs: flags.words, json: flags.on('json'), subject, seed, files };
    }
    case 'run': {
      const budgetUsd = Number(flags.value('budget') ?? DEFAULT_BUDGET_USD);
      if (!(budgetUsd > 0)) return { name: 'usage', problem: '--budget is a number of dollars above 0.' };
      const [trace, fast] = [flags.value('trace'), flags.value('speed')];
      const speed = fast === undefined ? undefined : Number(fast);
      if (speed !== undefined && !(speed > 0 && speed < Number.POSITIVE_INFINITY))
        return { name: 'usage', problem: `--speed is a number above 0, 1 for life; "${fast}" is not one.` };
      const live = flags.on('live');
      if (live && speed !== undefined)
        return { name: 'usage', problem: 'A live run takes the time it takes: leave --speed out.' };
      return { name: 'run', lab, seed, live, yes: flags.on('yes'), budgetUsd, trace, speed };
    }
    case 'watch':
      return { name: 'watch', lab: flags.words[0] };
    case 'compare':
      return { name: 'compare', lab, seed };
    case 'solution':
      return { name: 'solution', lab, force: flags.on('force'), apply: flags.on('apply') };
    case 'reset':
      return { name: 'reset', lab, undo: flags.value('undo') };
    case 'hint':
    case 'open':
      return { name: usage.name, lab };
    case 'quiz':
      return { name: 'quiz', day: lab };
    case 'update':
      return { name: 'update', from: flags.words[0] };
    case 'grade': {
      const [labs, out, part] = [flags.value('labs'), flags.value('out'), flags.value('shard')];
      const isolation = flags.value('isolation');
      const chosen = flags.value('seed') === undefined ? undefined : seed;
      const rest = { merge: flags.on('merge'), json: flags.on('json'), seed: chosen, labs, out, shard: part };
      return { name: 'grade', dirs: flags.words, ...rest, isolation };
    }
    case 'dashboard': {
      const port = Number(flags.value('port') ?? DASHBOARD_PORT);
      if (!Number.isInteger(port) || port < 0 || port > 65_535) {
        const problem = `--port is a whole number from 0 (any free one) to 65535; "${flags.value('port')}" is not one.`;
        return { name: 'usage', problem };
      }
      return { name: 'dashboard', port, html: flags.value('html') };
    }
    case 'report': {
      const [html, certificate, name] = [
        flags.value('html'),
        flags.value('certificate'),
        flags.value('name'),
      ];
      if (name === undefined || certificate !== undefined)
        return { name: 'report', json: flags.on('json'), html, certificate, person: name };
      const problem = `--name stands on the certificate. Type: npm run lab -- report --certificate --name ${JSON.stringify(name)}`;
      return { name: 'usage', problem };
    }
    case 'benchmark': {
      const subjects = flags.value('subject')?.split(',');
      return { name: 'benchmark', labs: flags.words, json: flags.on('json'), subjects, seed };
    }
    case 'doctor':
    case 'help':
      return { name: usage.name };
  }
}
