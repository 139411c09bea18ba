import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../clock/index.ts';
import { serveProvider } from '../provider/doors/node.ts';
import { createProvider, type ProviderPlan } from '../provider/index.ts';
import { createTurns } from '../provider/steps.ts';

/** Servers of the benchmark, each in a process of its own: `node --import tsx served.ts provider|trivial|aimock`. */
const PLAN: ProviderPlan = { deployments: { small: {}, embedder: {} } };
const pause = createTurns(() => performance.now(), setImmediate);
const NO_WAIT: Clock = { now: () => performance.now(), sleep: async () => {} };
const RESOLUTION_MS = 5;
const TEXT = 'The café order updates a new link within a day. That is all.';

const servers: Record<string, () => Promise<string>> = {
  async provider() {
    const provider = createProvider({ plan: PLAN, seed: 1, clock: NO_WAIT, ledger: 'totals', pause });
    return (await serveProvider(provider, { port: 0 })).url;
  },
  async trivial() {
    const answer = JSON.stringify({ choices: [{ message: { role: 'assistant', content: TEXT } }] });
    const server = createServer((request, response) => {
      request.resume().once('end', () => {
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  },
  async aimock() {
    const { LLMock } = await import('@copilotkit/aimock');
    const mock = new LLMock({ port: 0 });
    mock.on({}, { content: TEXT });
    await mock.start();
    return mock.url;
  },
};

// Ends with the benchmark, whose end closes the pipe.
process.stdin.resume().once('end', () => process.exit(0));
// Asked for it, tells how long the event loop was held at most since it was asked last, or how much memory stays.
const held = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
held.enable();
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
process.stdin.on('data', (asked) => {
  const wantsHeap = String(asked).startsWith('heap');
  if (wantsHeap) collect();
  const heapMb = process.memoryUsage().heapUsed / 2 ** 20;
  process.stdout.write(`${wantsHeap ? heapMb : Math.max(0, held.max / 1e6 - RESOLUTION_MS)}\n`);
  held.reset();
});
const start = servers[process.argv[2] ?? ''];
if (!start)
  throw new Error(`Expected one of ${Object.keys(servers).join(', ')}; received "${process.argv[2]}".`);
start().then((url) => process.stdout.write(`${url}\n`));
