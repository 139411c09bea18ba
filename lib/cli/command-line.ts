import { parseArgs } from 'node:util';
import { COMMANDS } from './commands.ts';
import { type Definition, synopsis } from './definition.ts';
import { recoverFlags } from './npm-flags.ts';

/** What the program is asked to do. */
export type Command =
  | { name: 'menu'; word?: string }
  | { name: 'help' }
  | { name: 'command'; command: string; words: string[]; flags: Record<string, unknown> }
  /** The arguments cannot be used. */
  | { name: 'usage'; problem: string };

/** Reads the arguments of `npm run lab`. Looks at nothing but its parameters. */
export function plan(argv: readonly string[], env: NodeJS.ProcessEnv): Command {
  const [first, ...rest] = argv;
  if (first === undefined) return { name: 'menu' };
  if (['--help', '-h', 'help'].includes(first)) return { name: 'help' };
  const definition = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (!definition) return planMenu(first, rest);
  const recovered = recoverFlags(rest, env, first, definition);
  return recovered.ok
    ? readArguments(recovered.argv, first, definition)
    : { name: 'usage', problem: recovered.problem };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function planMenu(first: string, rest: string[]): Command {
  if (!first.startsWith('-') && rest.length === 0) return { name: 'menu', word: first };
  return { name: 'usage', problem: `There is no command "${first}". \`npm run lab -- help\` lists them.` };
}

function readArguments(argv: readonly string[], command: string, definition: Definition): Command {
  const usedAs = `npm run lab -- ${synopsis(command, definition)}`;
  const parsed = parse(withUsual(argv, definition), definition);
  if ('problem' in parsed) return { name: 'usage', problem: `${parsed.problem}. It is used as: ${usedAs}` };
  const { positionals: words, values } = parsed;
  const [least, most] = definition.words;
  if (words.length < least || words.length > most)
    return { name: 'usage', problem: `\`${command}\` is used as: ${usedAs}` };
  const flags: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(definition.flags)) {
    const given = values[name];
    const read = flag.read(given === undefined ? undefined : String(given));
    if (!read.ok) return { name: 'usage', problem: read.problem };
    flags[name] = read.value;
  }
  const problem = definition.problem?.(flags);
  return problem ? { name: 'usage', problem } : { name: 'command', command, words, flags };
}

function parse(args: string[], { flags }: Definition) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { shows }]) => {
      const type = shows === undefined ? ('boolean' as const) : ('string' as const);
      return [name, { type }];
    }),
  );
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    return { problem: error instanceof Error ? (error.message.split('.')[0] ?? '') : String(error) };
  }
}

/** Gives a flag its usual value where none follows it. */
function withUsual(argv: readonly string[], { flags }: Definition): string[] {
  return argv.map((word, at) => {
    const usual = word.startsWith('--') ? flags[word.slice(2)]?.usual : undefined;
    const following = argv[at + 1];
    const bare = following === undefined || following.startsWith('--');
    return usual !== undefined && bare ? `${word}=${usual}` : word;
  });
}
