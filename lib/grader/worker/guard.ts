import type { MessagePort } from 'node:worker_threads';
import { beforeEach, type TestContext } from 'vitest';
import '../../check/vitest.ts';
import type { EndedCheck, WorkerEvent } from '../protocol.ts';
import { answerBehind } from './elsewhere.ts';

/*
 * vitest loads this file into the thread of the judge before a check file. A posted message arrives even when the next
 * line waits for ever; vitest's own reports wait for a timer of the thread and so would not.
 */
const { workbookThread } = globalThis as unknown as {
  workbookThread: { report: MessagePort; answer: MessagePort };
};
const { report, answer } = workbookThread;
report.unref();
const post = (event: WorkerEvent) => report.postMessage(event);
Object.assign(globalThis, { workbookElsewhere: answerBehind(answer) });

beforeEach(({ task }: TestContext) => {
  const all = task.file.tasks.filter((other) => other.type === 'test');
  const ended = all.filter((other) => other.result?.state !== 'run').flatMap(asEnded);
  post({ event: 'started', title: task.name, ended, declared: all.map((other) => other.name) });
});

type Task = TestContext['task']['file']['tasks'][number];

function asEnded(task: Task): EndedCheck[] {
  const state = task.result?.state;
  if (state !== 'pass' && state !== 'fail') return [];
  const [error] = task.result?.errors ?? [];
  return [
    {
      title: task.name,
      state: state === 'pass' ? 'passed' : 'failed',
      // Without plays, charts and data, which would be sent again with every check.
      report: task.meta.check && { ...structuredClone(task.meta.check), plays: [], charts: [], data: {} },
      error: error && { name: error.name ?? 'Error', message: error.message },
    },
  ];
}
