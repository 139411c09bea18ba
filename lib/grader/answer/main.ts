import { newSession, withSession } from '../../check/session.ts';
import { type AnswerEvent, openChannel, type Tell } from './channel.ts';
import { lockBuiltIns, lockCounted } from './lock.ts';
import { type BundledModules, type Modules, openModules } from './modules.ts';
import { captureOutput } from './output.ts';
import { type Keeper, pack, unpack } from './pack.ts';
import {
  refuseExits,
  refuseInspection,
  refuseNetwork,
  refuseProcesses,
  refuseProcessFiles,
} from './refusals.ts';

/** What the grader asks of this process, one thing after the other. */
export type AnswerOrder =
  | { do: 'begin'; word: string }
  | { do: 'deliver'; fetch: number; reply: unknown }
  | { do: 'load'; id: number; checkFile: string; stubs: string[]; subjects: string[]; seed: number }
  | { do: 'play'; id: number; number: number; argument: unknown }
  | { do: 'call'; id: number; file: number; name: string; args: unknown }
  | { do: 'callKept'; id: number; kept: number; args: unknown }
  | { do: 'running'; title: string };

/** The process in which an answer is loaded and played. What it says is data; nothing here judges. */
export function serve(machinery: BundledModules): void {
  const receive = process.on.bind(process);
  receive('message', (first) => {
    if (begun) return;
    begun = true;
    begin((first as { word: string }).word, machinery, receive);
  });
}

let begun = false;

function begin(word: string, machinery: BundledModules, receive: typeof process.on): void {
  const tell = openChannel(word);
  const course = openModules('course', machinery, tell);
  const answer = openModules('answer', { ...sdkOf(machinery), 'clock/hold': holdOf(machinery) }, tell);
  const report = (incident: Extract<AnswerEvent, { incident: unknown }>['incident']) => tell({ incident });
  const onChange = (name: string) =>
    report({ kind: 'tampered', text: `changed a built-in of the language (${name})` });
  const output = captureOutput((text, cut) => tell({ output: text, cut }));
  refuseExits(report);
  refuseNetwork(report);
  refuseProcesses(report);
  refuseInspection(report);
  refuseProcessFiles(report);
  lockBuiltIns(onChange);
  for (const lost of ['unhandledRejection', 'uncaughtException'] as const)
    receive(lost, (error: unknown) => tell({ uncaught: pack(error) }));
  const stage = openStage(course, answer, tell, onChange);
  receive('message', (message) => {
    const request = message as AnswerOrder;
    if (request.do === 'deliver')
      for (const modules of [course, answer]) modules.deliver(request.fetch, request.reply);
    else if (request.do === 'running') output.begin();
    else if (request.do !== 'begin') void stage(request);
  });
  tell({ ready: true });
}

type Stage = (request: Extract<AnswerOrder, { do: 'load' | 'play' | 'call' | 'callKept' }>) => Promise<void>;

function openStage(course: Modules, answer: Modules, tell: Tell, onChange: (name: string) => void): Stage {
  const programme: ((argument: unknown) => Promise<unknown>)[] = [];
  const kept: ((...args: unknown[]) => unknown)[] = [];
  let subjects: Record<string, unknown>[] = [];
  let promises = 0;
  const keep: Keeper = {
    fn: (fn) => kept.push(fn) - 1,
    promise(promise) {
      promises += 1;
      const settled = promises;
      const say = (ok: boolean) => (value: unknown) => tell({ settled, ok, value: pack(value, keep) });
      promise.then(say(true), say(false));
      return settled;
    },
  };

  return async (request) => {
    const { id } = request;
    const say = (ok: boolean, value: unknown, functions = false) =>
      tell({ id, ok, value: pack(value, functions ? keep : undefined) });
    try {
      switch (request.do) {
        case 'load':
          return say(true, await load(request));
        case 'play':
          return say(true, await programme[request.number]?.(unpack(request.argument as never)));
        case 'call': {
          const called = subjects[request.file]?.[request.name] as (...args: unknown[]) => unknown;
          return say(true, called(...(unpack(request.args as never) as unknown[])), true);
        }
        case 'callKept':
          return say(true, kept[request.kept]?.(...(unpack(request.args as never) as unknown[])), true);
      }
    } catch (error) {
      say(false, error);
    }
  };

  /** The course's files first, then the locks that depend on them, and the answer last. */
  async function load({
    checkFile,
    stubs,
    subjects: files,
    seed,
  }: Extract<AnswerOrder, { do: 'load' }>): Promise<unknown> {
    const session = newSession({ seed, programme, declare: () => {} });
    await withSession(session, () => course.import(checkFile));
    lockCounted(course.used.has('check/builtin.ts'), onChange);
    const fills = await Promise.all(stubs.map((stub) => course.import(stub)));
    subjects = [];
    for (const [i, file] of files.entries()) {
      const subject = await answer.import(file);
      subjects.push(subject);
      (fills[i]?.__fill as (exports: unknown) => void)?.(subject);
    }
    return subjects.map((subject) => Object.keys(subject).map((name) => [name, shown(subject[name])]));
  }
}

/** All that an answer gets of the clock: its imports hold it while they load. */
function holdOf(machinery: BundledModules): object {
  const { holdRunningClock } = machinery['clock/index.ts'] as { holdRunningClock: unknown };
  return Object.freeze({ holdRunningClock });
}

/** The SDK that the clients are of. */
function sdkOf(machinery: BundledModules): BundledModules {
  return Object.fromEntries(Object.entries(machinery).filter(([name]) => name.startsWith('openai/')));
}

/** A function is called where it is; everything else crosses. */
function shown(value: unknown): { function: true } | { value: unknown } {
  return typeof value === 'function' ? { function: true } : { value };
}
