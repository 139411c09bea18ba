import { HOME } from '../../workbook/home.ts';
import { type ChildEvent, type GradeRequest, WORKER_CHANNEL, type WorkerEvent } from '../protocol.ts';
import { preflight } from './preflight.ts';
import { openSession } from './session.ts';

const MEMORY_CHECK_MS = 50;

/** Grades what the parent process asks for, until it goes away. Its thread runs no code of the learner's. */
export async function serve(root: string, cacheDir: string, memoryMb: number): Promise<void> {
  let token = '';
  const send = (event: ChildEvent) => process.send?.({ ...event, token });
  process.on('disconnect', () => process.exit());
  const channel = new BroadcastChannel(WORKER_CHANNEL);
  channel.onmessage = ({ data }) => send(data as WorkerEvent);
  setInterval(() => {
    const megabytes = Math.round(process.memoryUsage.rss() / 2 ** 20);
    if (megabytes > memoryMb) send({ event: 'memory', megabytes: memoryMb });
  }, MEMORY_CHECK_MS).unref();

  const opening = openSession({ home: HOME, root, cacheDir });
  process.on('message', async (request: GradeRequest) => {
    token = request.token;
    try {
      // While vitest starts, the compiler behind the preflight is starting too.
      const looked = preflight(request);
      const [session, refusal] = await Promise.all([opening, looked]);
      send({ event: 'ready' });
      send(refusal ? { event: 'refused', ...refusal } : await session.grade(request));
      setImmediate(session.warmUp);
    } catch (error) {
      send({
        event: 'broken',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  });
}
