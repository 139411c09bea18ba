import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type Context, type ExitCode, runEntry } from './context.ts';
import { runNode } from './test.ts';

/** `npm run page`: day 1's page, served again whenever the answer behind it is saved. */
export function main(): Promise<void> {
  return runEntry(page);
}

async function page(words: readonly string[], context: Context): Promise<ExitCode> {
  const refuse = (sentence: string): ExitCode => {
    context.stderr.write(`${sentence}\n`);
    return 2;
  };
  if (words.length > 0)
    return refuse(`npm run page takes no words ("${words.join(' ')}"). PORT=4012 serves it on another port.`);
  const port = Number(context.env.PORT ?? 4011);
  // What watches over the page goes on when the page cannot be served, so the port is tried before.
  const problem = await whyTaken(port);
  if (problem)
    return refuse(`The page cannot be served on port ${port}: ${problem}. Try another: PORT=4012.`);
  const tsx = createRequire(import.meta.url).resolve('tsx/cli');
  const server = join(context.root, 'days', 'day1-latency', 'page', 'server.ts');
  return runNode([tsx, 'watch', '--clear-screen=false', server], context);
}

function whyTaken(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return resolve('a port is 1 to 65535');
    const probe = createServer().once('error', (error) => resolve(error.message));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(undefined)));
  });
}
