import { beforeEach, type TestContext } from 'vitest';
import { type EndedCheck, type Incident, WORKER_CHANNEL, type WorkerEvent } from '../protocol.ts';
import { captureOutput } from './output.ts';
import { refuseExits, refuseNetwork, refuseProcesses } from './refusals.ts';

/*
 * vitest loads this file into the worker thread before a check file. A posted message arrives even when the next
 * line of the worker never ends; vitest's own reports wait for a timer of the worker and so would not.
 */
const channel = new BroadcastChannel(WORKER_CHANNEL);
(channel as unknown as { unref(): void }).unref();
const post = (event: WorkerEvent) => channel.postMessage(event);
const report = (incident: Incident) => post({ event: 'incident', incident });

const output = captureOutput((title, text, cut) => post({ event: 'output', title, text, cut }));
refuseExits(report);
refuseNetwork(report);
refuseProcesses(report);

beforeEach(({ task }: TestContext) => {
  output.belongsTo(task.name);
  const ended = task.file.tasks.filter((other) => other.type === 'test' && other.result?.state !== 'run');
  post({ event: 'started', title: task.name, ended: ended.flatMap(asEnded) });
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
