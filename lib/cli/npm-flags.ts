import type { Definition } from './definition.ts';

export type Recovered = { ok: true; argv: string[] } | { ok: false; problem: string };

/**
 * npm keeps flags that are typed without `--` before them: `npm run lab check day1.1 --seed 5` runs us with
 * `check day1.1 5` and npm_config_seed=true. A switch, or a value given as `--seed=5`, can be recovered; where a
 * value was torn from its flag, the answer is the command to type.
 */
export function recoverFlags(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  command: string,
  { flags, words }: Definition,
): Recovered {
  if (env.npm_lifecycle_event === undefined) return { ok: true, argv: [...argv] };
  const given = (flag: string) => argv.some((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const recovered = [...argv];
  const torn: string[] = [];
  for (const [flag, { shows, usual }] of Object.entries(flags)) {
    const value = env[`npm_config_${flag}`];
    if (value === undefined || given(flag)) continue;
    if (shows === undefined) {
      if (value === 'true') recovered.push(`--${flag}`);
      continue;
    }
    const bare = value === 'true' || value === '';
    // A command that takes no words has none that could be the value.
    const alone = words[1] === 0 && !argv.some((word) => !word.startsWith('--'));
    if (bare && alone && usual !== undefined) recovered.push(`--${flag}`);
    else if (bare) torn.push(flag);
    else recovered.push(`--${flag}`, value);
  }
  if (torn.length === 0) return { ok: true, argv: recovered };
  return { ok: false, problem: tornFlags(command, recovered, torn) };
}

/** The words that npm tore off stand last, in the order of their flags. */
function tornFlags(command: string, argv: string[], torn: string[]): string {
  const words = argv.filter((word) => !word.startsWith('--'));
  const flags = argv.filter((word) => word.startsWith('--'));
  const values = words.splice(words.length - torn.length);
  const pairs = torn.map((flag, at) => `--${flag} ${values[at] ?? flag.toUpperCase()}`);
  const line = ['npm run lab --', command, ...words, ...pairs, ...flags].join(' ');
  return `npm kept --${torn.join(' and --')} for itself: flags come after "--". Type: ${line}`;
}
