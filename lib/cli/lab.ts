import { plan } from './command-line.ts';
import { runEntry } from './context.ts';
import { runCommand } from './run-command.ts';

/** `npm run lab`. */
export function main(): Promise<void> {
  return runEntry((argv, context) => runCommand(plan(argv, context.env), context));
}
