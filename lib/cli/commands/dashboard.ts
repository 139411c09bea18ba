import { mkdirSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { buildPage, pageHtml } from '../../dashboard/html.ts';
import { createDashboard } from '../../dashboard/server.ts';
import { followRuns } from '../../dashboard/tail.ts';
import { readRuns } from '../../workbook/runs.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

export interface DashboardChoice {
  port: number;
  /** Where to save the page instead of serving it: a path as it was given. */
  html?: string;
}

/** Serves the dashboard on this machine until it is stopped, or saves it as one file. */
export async function dashboard(context: Context, { port, html }: DashboardChoice): Promise<ExitCode> {
  return html === undefined ? serve(context, port) : save(context, html);
}

// --- helpers -----------------------------------------------------------------------------------------------------

async function save(context: Context, html: string): Promise<ExitCode> {
  const { records, notice } = readRuns(context.root);
  if (notice) context.stderr.write(`${notice}\n`);
  const savedAt = new Date().toISOString();
  const path = resolve(context.cwd, html);
  const page = pageHtml(await buildPage(), records, { live: false, savedAt });
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, page);
  } catch (error) {
    return complain(context, `The page could not be written to ${path}: ${(error as Error).message}.`);
  }
  say(context, `Saved ${records.length === 1 ? '1 record' : `${records.length} records`} as ${path}.`);
  return 0;
}

async function serve(context: Context, port: number): Promise<ExitCode> {
  const parts = await buildPage();
  const tail = followRuns(context.root, (notice) => context.stderr.write(`${notice}\n`));
  const server = createDashboard(parts, tail);
  const problem = await listen(server, port);
  if (problem) {
    tail.stop();
    return complain(context, problem);
  }
  say(
    context,
    `The dashboard is on http://127.0.0.1:${(server.address() as AddressInfo).port}/. Ctrl-C stops it.`,
  );
  return new Promise((done) => {
    context.onStop(() => {
      tail.stop();
      server.close();
      server.closeAllConnections();
      done(0);
    });
  });
}

/** Listens on this machine's own address; the answer is what was wrong. */
function listen(server: Server, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      done(
        code === 'EADDRINUSE'
          ? `Port ${port} is in use already, perhaps by another dashboard. Choose one: npm run lab -- dashboard --port ${port + 1}`
          : `The dashboard could not listen on 127.0.0.1:${port}: ${message}.`,
      );
    });
    server.listen(port, '127.0.0.1', () => done(undefined));
  });
}
