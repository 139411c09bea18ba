import { fileURLToPath } from 'node:url';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { PoolRunnerInitializer, PoolWorker } from 'vitest/node';
import type { AnswerOrder } from '../answer/main.ts';
import type { WorkerEvent } from '../protocol.ts';
import { LOAD } from '../worker/load.ts';
import type { AnswerProcess } from './answer-process.ts';

const ENTRY = fileURLToPath(new URL('../worker/entry.mjs', import.meta.url));

/** The thread that judges and the process that plays, which meet for one grading. */
export interface Pair {
  judge: Worker;
  answer: AnswerProcess;
  /** Has the answer load; the judge hears what came of it. */
  load(what: Omit<Extract<AnswerOrder, { do: 'load' }>, 'do' | 'id'>): void;
  /** Tells the judge that a promise of the answer's has settled. */
  settle(event: { settled: number; ok: boolean; value: unknown }): void;
}

export interface Pairs {
  pool: PoolRunnerInitializer;
  /** Starts the next pair ahead, if none is. */
  warmUp(): void;
  /** The pair of the next grading. */
  next(): Pair;
}

/**
 * Pairs of a judge and an answer, of which one is started ahead: they have loaded vitest, the SDK and the machinery by
 * the time they are needed. Each grades once, so nothing of one subject is left for the next.
 */
export function pairs(
  preload: readonly string[],
  startAnswer: () => AnswerProcess,
  onReport: (event: WorkerEvent) => void,
): Pairs {
  let spare: Pair | undefined;
  const start = () => startPair(preload, startAnswer(), onReport);
  const warmUp = () => {
    spare ??= start();
  };
  warmUp();
  const next = () => {
    spare ??= start();
    return spare;
  };
  const createPoolWorker = () => {
    const pair = next();
    spare = undefined;
    return poolWorker(pair);
  };
  return { pool: { name: 'workbook-threads', createPoolWorker }, warmUp, next };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function startPair(
  preload: readonly string[],
  answer: AnswerProcess,
  onReport: (event: WorkerEvent) => void,
): Pair {
  // What vitest would give its own threads.
  const env = { ...process.env, TEST: 'true', VITEST: 'true', VITEST_MODE: 'RUN', FORCE_TTY: '' };
  const { port1: line, port2 } = new MessageChannel();
  const reports = new MessageChannel();
  reports.port1.on('message', onReport);
  reports.port1.unref();
  line.on('message', (asked: AnswerOrder & { flag?: Int32Array }) => relay(asked, answer, line));
  line.unref();
  const judge = new Worker(ENTRY, {
    ...{ env, workerData: { preload, answer: port2, report: reports.port2 } },
    transferList: [port2, reports.port2],
    execArgv: ['--experimental-import-meta-resolve', '--no-warnings'],
  });
  const load: Pair['load'] = (what) => relay({ ...what, do: 'load', id: LOAD }, answer, line);
  // Numbers below zero are promises; those above are what the judge has asked.
  const settle: Pair['settle'] = ({ settled, ok, value }) => line.postMessage({ id: -settled, ok, value });
  return { judge, answer, load, settle };
}

/** Hands on what the judge asks, and the answer. A judge that waits for it without turning its loop is woken. */
function relay(
  { flag, ...request }: AnswerOrder & { flag?: Int32Array },
  answer: AnswerProcess,
  line: MessagePort,
): void {
  answer.ask(request, ({ ok, value }) => {
    line.postMessage({ id: 'id' in request ? request.id : 0, ok, value });
    if (!flag) return;
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
  });
}

function poolWorker({ judge, answer }: Pair): PoolWorker {
  return {
    name: 'workbook-threads',
    on: (event, callback) => judge.on(event, callback),
    off: (event, callback) => judge.off(event, callback),
    send: (message) => judge.postMessage(message),
    deserialize: (data) => data,
    start: async () => {},
    async stop() {
      answer.end();
      await judge.terminate();
    },
  };
}
