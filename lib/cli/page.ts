import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runEntry } from './context.ts';
import { runNode } from './test.ts';

/** `npm run page`: day 1's page, served again whenever the answer behind it is saved. */
export function main(): Promise<void> {
  return runEntry((_, context) => {
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const server = join(context.root, 'days', 'day1-latency', 'page', 'server.ts');
    return runNode([tsx, 'watch', '--clear-screen=false', server], context);
  });
}
