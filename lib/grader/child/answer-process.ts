import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { AnswerEvent } from '../answer/channel.ts';
import type { AnswerOrder } from '../answer/main.ts';
import type { Graph } from '../answer/modules.ts';
import type { Packed } from '../answer/pack.ts';

export type Fetch = (graph: Graph, data: unknown) => Promise<unknown>;
export type Answered = { ok: boolean; value: Packed };

/** One process in which one answer is played. Everything that it says comes through here. */
export interface AnswerProcess {
  readonly pid: number | undefined;
  /** What it takes the answer's modules from, and who hears what it tells; set before it is asked to load. */
  serve(fetch: Fetch, listen: (event: Heard) => void): void;
  ask(request: AnswerOrder, onAnswer?: (answered: Answered) => void): void;
  end(): void;
}

export type Heard =
  | Extract<
      AnswerEvent,
      { output: string } | { incident: object } | { settled: number } | { uncaught: unknown }
    >
  /** It is gone, and nobody ended it. */
  | { ended: string };

const SPOKE = 'spoke on the grader’s channel';

/** Starts it; it loads what every answer needs while nobody waits yet. */
export function startAnswer(command: readonly string[], env: NodeJS.ProcessEnv, cwd: string): AnswerProcess {
  const [program = '', ...args] = command;
  const word = randomBytes(18).toString('base64url');
  // In the child's own group, so that whoever ends the group ends it too.
  const child: ChildProcess = spawn(program, args, {
    ...{ env, cwd, windowsHide: true, serialization: 'json' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  const waiting = new Map<number, (answered: Answered) => void>();
  const early: Heard[] = [];
  let fetch: Fetch | undefined;
  let listen = (event: Heard): void => {
    early.push(event);
  };
  let over = false;
  const send = (request: AnswerOrder) => child.connected && child.send(request, () => {});
  const hear = (line: string) => {
    if (over) return;
    if (!line.startsWith(word)) return tampered();
    const event = JSON.parse(line.slice(word.length)) as AnswerEvent;
    if ('id' in event) {
      const settle = waiting.get(event.id);
      waiting.delete(event.id);
      settle?.(event as Answered);
    } else if ('fetch' in event)
      void fetch?.(event.graph, event.data).then((reply) =>
        send({ do: 'deliver', fetch: event.fetch, reply }),
      );
    else if (!('ready' in event)) listen(event);
  };
  const tampered = () => listen({ incident: { kind: 'tampered', text: SPOKE } });
  child.on('message', tampered);
  child.on('disconnect', () => setTimeout(cutOff, ENDING_MS));
  // It still runs and hears nothing more: the answer has closed the road on which it is asked.
  const cutOff = () => {
    if (over || child.exitCode !== null || child.signalCode !== null) return;
    tampered();
    listen({ ended: 'it closed its channel' });
  };
  child.on('error', (error) => listen({ ended: error.message }));
  child.on('exit', (code, signal) => {
    if (over) return;
    // It waits for as long as its channel is open, so it ends well only if the answer has closed that.
    if (code === 0) tampered();
    listen({ ended: signal ?? `code ${code}` });
  });
  lines(child.stdio[PIPE] as Readable, hear);
  send({ do: 'begin', word });
  return {
    pid: child.pid,
    serve(fetcher, listener) {
      fetch = fetcher;
      listen = listener;
      for (const event of early) listener(event);
    },
    ask(request, onAnswer) {
      if (onAnswer && 'id' in request) waiting.set(request.id, onAnswer);
      send(request);
    },
    end() {
      over = true;
      child.kill('SIGKILL');
    },
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

const PIPE = 4;
/** A process that ends closes its channel a moment before. */
const ENDING_MS = 100;

/** Calls back with each line, as soon as it is whole. */
function lines(stream: Readable, onLine: (line: string) => void): void {
  const parts: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      parts.push(text.slice(from, at));
      onLine(parts.splice(0).join(''));
      from = at + 1;
    }
    if (from < text.length) parts.push(text.slice(from));
  });
  stream.on('error', () => {});
}
