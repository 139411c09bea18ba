import { HOME } from '../../workbook/home.ts';
import { gradingEnvironment } from '../environment.ts';
import type { ChildEvent, GradeRequest } from '../protocol.ts';
import { preflight } from './preflight.ts';
import { openSession } from './session.ts';

/** How long nothing is asked for until the next grading is prepared. */
const IDLE_MS = 150;

/** What the parent starts the child with. */
export interface ChildOptions {
  root: string;
  cacheDir: string;
  /** The command that starts the process of an answer. */
  launch: readonly string[];
}

/** Grades what the parent process asks for, until it goes away. No code of a learner's runs in this process. */
export function serve({ root, cacheDir, launch }: ChildOptions): void {
  let token = '';
  const send = (event: ChildEvent) => process.send?.({ ...event, token });
  process.on('disconnect', () => process.exit());
  const places = { home: HOME, root, cacheDir, launch, answerEnv: gradingEnvironment(process.env) };
  const opening = openSession(places, send);
  process.on('message', async (request: GradeRequest) => {
    token = request.token;
    try {
      // While vitest starts, the compiler behind the preflight is starting too.
      const looked = preflight(request);
      const [session, found] = await Promise.all([opening, looked]);
      send({ event: 'ready' });
      send(found.ok ? await session.grade(request, found.names) : { event: 'refused', ...found.refusal });
      // Whoever asked for one lab only ends this process before.
      setTimeout(session.warmUp, IDLE_MS);
    } catch (error) {
      send({
        event: 'broken',
        message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  });
}
