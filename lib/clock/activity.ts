import { createHook } from 'node:async_hooks';

/**
 * Watches what the event loop still owes us: file, crypto, zlib and dns work in libuv's thread pool, messages between
 * ports, and `setImmediate` calls. A virtual clock must not step while such work is under way, or time runs ahead of
 * the code that waits for it.
 *
 * `getActiveResourcesInfo()` would be simpler but sees neither crypto nor zlib. Hooking `init` and `after` costs
 * about 0.1 microseconds a promise; `destroy` would cost five times that, so the end of work is read from `after`.
 */
export interface Activity {
  /** True while thread-pool work is under way. */
  busy(): boolean;
  /** Resolves when no thread-pool work is under way. */
  idle(): Promise<void>;
  /** One turn of the event loop. Resolves to true if the code asked for a further turn. */
  turn(): Promise<boolean>;
  stop(): void;
}

/** Requests that call back once and are then done, by their async_hooks type. Sockets are not among them. */
const ONE_SHOT = new Set([
  'FSREQCALLBACK',
  'FSREQPROMISE',
  'FILEHANDLECLOSEREQ',
  'GETADDRINFOREQWRAP',
  'GETNAMEINFOREQWRAP',
  'QUERYWRAP',
]);

/** Crypto jobs. They also run synchronously, and then never call back. */
const CRYPTO = new Set([
  'CHECKPRIMEREQUEST',
  'CIPHERREQUEST',
  'DERIVEBITSREQUEST',
  'ECDHBITSREQUEST',
  'HASHREQUEST',
  'KEYEXPORTREQUEST',
  'KEYGENREQUEST',
  'KEYPAIRGENREQUEST',
  'PBKDF2REQUEST',
  'RANDOMBYTESREQUEST',
  'RANDOMPRIMEREQUEST',
  'SCRYPTREQUEST',
  'SIGNREQUEST',
  'VERIFYREQUEST',
]);

/** A job answers with an array if it ran at once; else with a promise, or later through its resource. */
interface CryptoJob {
  run(...args: unknown[]): unknown;
}

/** A zlib handle lives on between writes, so each write is counted rather than the handle. */
interface ZlibHandle {
  write(...args: unknown[]): unknown;
}

/** How often work whose end went unnoticed is looked for, in real milliseconds. Keeps the process alive meanwhile. */
const RECHECK_MS = 20;

/** Taken when this file is loaded: code under the clock may be refused them. */
const native = { createHook, setInterval, clearInterval };

export function watchActivity(): Activity {
  /** Work under way, by the id of its resource, and how many answers each still owes. */
  const pending = new Map<number, number>();
  const ports = new Set<number>();
  let wanted = 0;
  let ours = 0;
  let wake: (() => void) | undefined;

  const hook = native
    .createHook({
      init(id, type, _trigger, resource) {
        if (type === 'PROMISE') return;
        if (type === 'Immediate') wanted += 1;
        else if (ONE_SHOT.has(type)) pending.set(id, 1);
        else if (CRYPTO.has(type)) watchJob(resource as CryptoJob, (change) => owe(id, change));
        else if (type === 'ZLIB') countWrites(resource as ZlibHandle, () => owe(id, 1));
        else if (type === 'MESSAGEPORT') ports.add(id);
      },
      after(id) {
        if (ports.has(id)) wanted += 1;
        if (pending.has(id)) owe(id, -1);
      },
    })
    .enable();

  const busy = () => pending.size > 0;

  return {
    busy,
    idle: () =>
      new Promise<void>((resolve) => {
        const done = () => {
          native.clearInterval(recheck);
          wake = undefined;
          resolve();
        };
        const recheck = native.setInterval(() => busy() || done(), RECHECK_MS);
        wake = done;
        if (!busy()) done();
      }),
    async turn() {
      const before = wanted - ours;
      await new Promise<void>((resolve) => {
        ours += 1;
        setImmediate(resolve);
      });
      return wanted - ours > before;
    },
    stop: () => hook.disable(),
  };

  /** A stream of zlib starts its next write inside the answer to the last, so answers are counted. */
  function owe(id: number, change: 1 | -1): void {
    const owed = (pending.get(id) ?? 0) + change;
    if (owed > 0) pending.set(id, owed);
    else if (pending.delete(id) && pending.size === 0) wake?.();
  }
}

function watchJob(job: CryptoJob, owe: (change: 1 | -1) => void): void {
  const run = job.run;
  job.run = function (...args) {
    const result = run.apply(this, args);
    if (Array.isArray(result)) return result;
    owe(1);
    // Since Node 24 the jobs of crypto.subtle answer with a promise, and there is no call back to see.
    if (result instanceof Promise) result.then(done, done);
    return result;
  };
  function done() {
    owe(-1);
  }
}

function countWrites(handle: ZlibHandle, onWrite: () => void): void {
  const write = handle.write;
  handle.write = function (...args) {
    onWrite();
    return write.apply(this, args);
  };
}
