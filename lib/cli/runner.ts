import { createRunner, type Runner } from '../grader/runner.ts';
import type { Context } from './context.ts';

/** A runner that is ended with the program, whatever ends it. */
export function openRunner(context: Context): Runner {
  const runner = createRunner({ root: context.root, env: context.env });
  context.onStop(() => runner.close());
  return runner;
}
