import { runEntry } from './context.ts';
import { plan } from './plan.ts';
import { runCommand } from './run-command.ts';

/** `npm run lab`. */
export function main(): Promise<void> {
  return runEntry((argv, context) => runCommand(plan(argv, context.env), context));
}
