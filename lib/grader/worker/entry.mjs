// What vitest's own thread does, and before it is asked: loading the packages that nearly every check needs.
import { parentPort, workerData } from 'node:worker_threads';
import { init, runBaseTests, setupEnvironment } from 'vitest/worker';

// Read by the setup file. No code of a learner's runs in this thread.
globalThis.workbookThread = workerData;
init({
  post: (response) => parentPort.postMessage(response),
  on: (callback) => parentPort.on('message', callback),
  off: (callback) => parentPort.off('message', callback),
  teardown: () => parentPort.removeAllListeners('message'),
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
  setup: setupEnvironment,
});
await Promise.all(workerData.preload.map((each) => import(each)));
