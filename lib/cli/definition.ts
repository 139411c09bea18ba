import type { Context, ExitCode } from './context.ts';
import type { Flags, Values } from './flags.ts';

/** Everything about one command of `npm run lab`: its help, its words, its flags, and what it does. */
export interface Definition<F extends Flags = Flags> {
  /** What follows the name: "LAB|DAY…". */
  takes: string;
  does: string;
  /** Least and most words after the name. */
  words: readonly [number, number];
  flags: F;
  /** Flags that do not go together, in a sentence. */
  problem?(values: Values<F>): string | undefined;
  run(context: Context, words: readonly string[], values: Values<F>): Promise<ExitCode> | ExitCode;
}

/** Gives a definition its types, so that `run` knows what each flag is read as. */
export function define<F extends Flags>(definition: Definition<F>): Definition {
  return definition as unknown as Definition;
}

/** "check LAB|DAY… [--json] [--seed SEED]". */
export function synopsis(name: string, { takes, flags }: Definition): string {
  const shown = Object.entries(flags).map(([flag, { shows, usual }]) => {
    if (shows === undefined) return `[--${flag}]`;
    return usual === undefined ? `[--${flag} ${shows}]` : `[--${flag} [${shows}]]`;
  });
  return [name, takes, ...shown].filter(Boolean).join(' ');
}
