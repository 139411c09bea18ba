// What vitest's own thread does, and before it is asked: loading the packages that nearly every check needs.
import { parentPort, workerData } from 'node:worker_threads';
import { init, runBaseTests, setupEnvironment } from 'vitest/worker';

init({
  post: (response) => parentPort.postMessage(response),
  on: (callback) => parentPort.on('message', callback),
  off: (callback) => parentPort.off('message', callback),
  teardown: () => parentPort.removeAllListeners('message'),
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
  setup: setupEnvironment,
});
const packages = ['msw', 'openai', '@sinonjs/fake-timers'];
await Promise.all([...packages, ...workerData.preload].map((each) => import(each)));
