import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import OpenAI from 'openai';
import type { Elsewhere } from '../../check/session.ts';
import { ClockLimitError, StuckError } from '../../clock/index.ts';
import { type ErrorClass, type Packed, pack, unpack } from '../answer/pack.ts';
import { LOAD } from './load.ts';

/** The judge's side of the answer: what it asks crosses to the process that plays. */
export interface RemoteAnswer extends Elsewhere {
  /** What a file of the answer exports, once it is loaded: functions that are called there, and values. */
  exportsOf(file: number): Promise<Record<string, unknown>>;
}

type Reply = { id: number; ok: boolean; value: Packed };

export function answerBehind(port: MessagePort): RemoteAnswer {
  const waiting = new Map<number, (reply: Reply) => void>();
  let count = LOAD;
  let declared = 0;
  let settleLoad: (reply: Reply) => void;
  const loaded = new Promise<Reply>((resolve) => {
    settleLoad = resolve;
  }).then(opened);
  loaded.catch(() => {});
  const receive = (reply: Reply) => {
    if (reply.id === LOAD) settleLoad(reply);
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  };
  port.on('message', receive);
  port.unref();

  return {
    next: () => declared++,
    async ask(number, argument) {
      await loaded;
      const id = ++count;
      const reply = replyTo(id);
      port.postMessage({ do: 'play', id, number, argument: pack(argument) });
      return reply;
    },
    async exportsOf(file) {
      port.ref();
      const all = (await loaded.finally(() => port.unref())) as [string, { value?: unknown }][][];
      return Object.fromEntries(
        (all[file] ?? []).map(([name, shown]) => [
          name,
          'value' in shown ? shown.value : (...args: unknown[]) => callNow({ do: 'call', file, name }, args),
        ]),
      );
    },
  };

  function replyTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      port.ref();
      waiting.set(id, (reply) => {
        port.unref();
        try {
          resolve(opened(reply));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** Checks of plain functions are synchronous, so this thread waits without turning its event loop. */
  function callNow(what: object, args: unknown[]): unknown {
    const flag = new Int32Array(new SharedArrayBuffer(4));
    const id = ++count;
    port.postMessage({ ...what, id, args: pack(args), flag });
    for (;;) {
      Atomics.wait(flag, 0, 0);
      for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
        const reply = got.message as Reply;
        if (reply.id === id) return opened(reply);
        receive(reply);
      }
    }
  }

  function opened({ ok, value }: Reply): unknown {
    const what = unpack(value, ERRORS, {
      call: (kept, args) => callNow({ do: 'callKept', kept }, args),
      wait: (promise) => replyTo(-promise),
    });
    if (ok) return what;
    throw what;
  }
}

const ERRORS: ReadonlyMap<string, ErrorClass> = new Map(
  [
    ...[
      RangeError,
      TypeError,
      SyntaxError,
      ReferenceError,
      URIError,
      AggregateError,
      StuckError,
      ClockLimitError,
    ],
    ...Object.values(OpenAI).filter(
      (each): each is typeof Error => typeof each === 'function' && each.prototype instanceof Error,
    ),
  ].map((each) => [each.name, each]),
);
