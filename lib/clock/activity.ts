import { createHook } from 'node:async_hooks';

/**
 * Watches what the event loop still owes us: file, crypto, zlib and dns work in libuv's thread pool, and
 * `setImmediate` calls. A virtual clock must not step while such work is under way, or time runs ahead of the
 * code that waits for it.
 *
 * `getActiveResourcesInfo()` would be simpler but sees neither crypto nor zlib. Hooking `init` and `after` costs
 * about 0.1 microseconds a promise; `destroy` would cost five times that, so the end of work is read from `after`.
 */
export interface Activity {
  /** True while thread-pool work is under way. */
  busy(): boolean;
  /** Resolves when no thread-pool work is under way. */
  idle(): Promise<void>;
  /** One turn of the event loop. Resolves to true if the code asked for a further turn with `setImmediate`. */
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
  'CHECKPRIMEREQUEST',
  'CIPHERREQUEST',
  'DERIVEBITSREQUEST',
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

/** A zlib handle lives on between writes, so each write is counted rather than the handle. */
interface ZlibHandle {
  write(...args: unknown[]): unknown;
}

export function watchActivity(): Activity {
  const pending = new Set<number>();
  let immediates = 0;
  let ours = 0;
  let wake: (() => void) | undefined;

  const hook = createHook({
    init(id, type, _trigger, resource) {
      if (type === 'PROMISE') return;
      if (type === 'Immediate') immediates += 1;
      else if (ONE_SHOT.has(type)) pending.add(id);
      else if (type === 'ZLIB') countWrites(resource as ZlibHandle, () => pending.add(id));
    },
    after(id) {
      if (!pending.delete(id) || pending.size > 0) return;
      wake?.();
      wake = undefined;
    },
  }).enable();

  return {
    busy: () => pending.size > 0,
    idle: () =>
      new Promise<void>((resolve) => {
        if (pending.size === 0) resolve();
        else wake = resolve;
      }),
    async turn() {
      const before = immediates - ours;
      await new Promise<void>((resolve) => {
        ours += 1;
        setImmediate(resolve);
      });
      return immediates - ours > before;
    },
    stop: () => hook.disable(),
  };
}

function countWrites(handle: ZlibHandle, onWrite: () => void): void {
  const write = handle.write;
  handle.write = function (...args) {
    onWrite();
    return write.apply(this, args);
  };
}
