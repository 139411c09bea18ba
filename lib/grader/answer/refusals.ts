import asyncHooks from 'node:async_hooks';
import childProcess from 'node:child_process';
import cluster from 'node:cluster';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import inspector from 'node:inspector';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import workerThreads from 'node:worker_threads';
import { permitted } from '../../check/permit.ts';
import type { Incident } from '../protocol.ts';

type Report = (incident: Incident) => void;
type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Addresses of this machine, as `target` names them. */
const LOOPBACK = /^(127\.0\.0\.1|localhost|::1):/;
/** Interpreters that a check may be permitted to start. */
const PYTHON = /^(python3|python|py)$/;

/** Thrown into code that does what graded code may not do. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Ending the process would end the grading: it becomes an error at the line that asked for it. */
export function refuseExits(report: Report): void {
  for (const name of ['exit', 'abort', 'kill', 'reallyExit'] as const) {
    replace(process, name, () => {
      const text = `The code called process.${name}(), which would end the grading before there is a verdict.`;
      report({ kind: 'exit', text });
      throw new RefusedError(`${text} Return a value or throw an error instead.`);
    });
  }
}

/** Refuses every road to the network where it begins: sockets, name look-ups, datagrams. */
export function refuseNetwork(report: Report): void {
  const refuse = (what: string): never => {
    const text = `The code asked for the real network (${what}). Labs run against the simulated provider only.`;
    report({ kind: 'network', text });
    throw new RefusedError(`${text} Use the client that the check hands to your code, or the global fetch.`);
  };
  const { connect } = net.Socket.prototype as unknown as { connect: Method };
  const { listen } = net.Server.prototype as unknown as { listen: Method };
  replace(net.Socket.prototype, 'connect', function (this: unknown, ...args) {
    const where = target(args);
    return permitted('loopback') && LOOPBACK.test(where) ? connect.apply(this, args) : refuse(where);
  });
  replace(net.Server.prototype, 'listen', function (this: unknown, ...args) {
    const where = target(args);
    return permitted('loopback') && LOOPBACK.test(where)
      ? listen.apply(this, args)
      : refuse('a server that listens');
  });
  // Sockets below these, which Node's cluster makes.
  for (const [home, name] of [
    [net, '_createServerHandle'],
    [dgram, '_createSocketHandle'],
  ] as const)
    if (name in home) replace(home, name, () => refuse(`${name}`));
  replace(dgram.Socket.prototype, 'send', () => refuse('a datagram'));
  replace(dgram.Socket.prototype, 'bind', () => refuse('a datagram socket'));
  for (const home of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(home)) {
      if (!/^(lookup|resolve|reverse)/.test(name)) continue;
      const original = (home as unknown as Record<string, Method>)[name] as Method;
      // Node looks up the host of `listen`, numeric ones too.
      replace(home, name, function (this: unknown, host, ...rest) {
        return permitted('loopback') && LOOPBACK.test(`${String(host)}:`)
          ? original.call(this, host, ...rest)
          : refuse(`looking up ${String(host)}`);
      });
    }
  }
  syncBuiltinESMExports();
}

/** Another process or thread would be outside of the clock, of the limits and of the other refusals. */
export function refuseProcesses(report: Report): void {
  const refuse = (what: string): never => {
    const text = `The code tried to start another process or thread (${what}). Graded code runs in one thread.`;
    report({ kind: 'process', text });
    throw new RefusedError(text);
  };
  for (const name of [
    'spawn',
    'spawnSync',
    'exec',
    'execSync',
    'execFile',
    'execFileSync',
    'fork',
  ] as const) {
    const original = childProcess[name] as Method;
    replace(childProcess, name, function (this: unknown, ...args) {
      const [command] = args;
      if (permitted('python') && PYTHON.test(String(command))) return original.apply(this, args);
      return refuse(`${name} ${String(command)}`);
    });
  }
  const { spawn } = childProcess.ChildProcess.prototype as unknown as { spawn: Method };
  replace(childProcess.ChildProcess.prototype, 'spawn', function (this: unknown, ...args) {
    const { file } = (args[0] ?? {}) as { file?: unknown };
    return permitted('python') && PYTHON.test(String(file)) ? spawn.apply(this, args) : refuse('spawn');
  });
  // A process made by hand has a handle of Node's own below it.
  const handle = (new childProcess.ChildProcess() as unknown as { _handle?: object })._handle;
  if (handle) {
    const start = (handle as { spawn: Method }).spawn;
    replace(Object.getPrototypeOf(handle), 'spawn', function (this: unknown, ...args) {
      const { file } = (args[0] ?? {}) as { file?: unknown };
      return permitted('python') && PYTHON.test(String(file)) ? start.apply(this, args) : refuse('spawn');
    });
  }
  replace(cluster, 'fork', () => refuse('cluster.fork'));
  const Refused = class {
    constructor() {
      refuse('new Worker');
    }
  };
  Object.defineProperty(workerThreads, 'Worker', { configurable: true, value: Refused });
  syncBuiltinESMExports();
}

/** Roads past the language: Node's internals, the debugger, hooks that see every promise, pictures of the memory. */
export function refuseInspection(report: Report): void {
  const refuse = (what: string): never => {
    report({ kind: 'tampered', text: `reached for the inside of Node (${what})` });
    throw new RefusedError(`The code reached for the inside of Node (${what}), where grading takes place.`);
  };
  const internals = process as unknown as Record<string, Method>;
  for (const name of [
    'binding',
    '_linkedBinding',
    '_debugProcess',
    '_debugEnd',
    '_kill',
    '_getActiveHandles',
  ])
    if (name in process) replace(process, name, () => refuse(`process.${name}`));
  const { dlopen } = internals;
  replace(process, 'dlopen', function (this: unknown, ...args) {
    return NATIVE_PACKAGE.test(String(args[1])) ? dlopen?.apply(this, args) : refuse('process.dlopen');
  });
  for (const name of ['connect', 'connectToMainThread', 'post'])
    replace(inspector.Session.prototype, name, () => refuse('the inspector'));
  replace(inspector, 'open', () => refuse('the inspector'));
  replace(asyncHooks, 'createHook', () => refuse('async_hooks.createHook'));
  for (const name of ['getHeapSnapshot', 'writeHeapSnapshot']) replace(v8, name, () => refuse(`v8.${name}`));
  const setFlags = v8.setFlagsFromString;
  replace(v8, 'setFlagsFromString', (flag) =>
    flag === '--expose-gc' ? setFlags(flag) : refuse(`v8.setFlagsFromString ${String(flag)}`),
  );
  syncBuiltinESMExports();
}

/** The system shows memory and environment of processes as files, the memory of this one to be written to. */
export function refuseProcessFiles(report: Report): void {
  if (process.platform !== 'linux') return;
  const { native } = fs.realpathSync;
  const place = (path: string) => {
    try {
      return native(path);
    } catch {
      return path;
    }
  };
  const isRefused = (path: unknown) =>
    (typeof path === 'string' || path instanceof URL || Buffer.isBuffer(path)) &&
    PROCESS_FILE.test(place(path instanceof URL ? fileURLToPath(path) : path.toString()));
  const homes: object[] = [fs, fs.promises];
  for (const home of homes)
    for (const name of OPENING) {
      const original = (home as Record<string, Method>)[name];
      if (!original) continue;
      replace(home, name, function (this: unknown, ...args) {
        if (!isRefused(args[0])) return original.apply(this, args);
        const text = 'reached for the memory or the environment of a process';
        report({ kind: 'tampered', text });
        throw new RefusedError(`The code ${text}, where grading takes place.`);
      });
    }
  syncBuiltinESMExports();
}

const PROCESS_FILE = /^\/proc\/[^/]+\/(task\/[^/]+\/)?(mem|environ|maps|fd|root|cwd|pagemap)(\/|$)/;
const OPENING =
  'open openSync readFile readFileSync writeFile writeFileSync appendFile appendFileSync createReadStream createWriteStream openAsBlob copyFile copyFileSync cp cpSync link linkSync symlink symlinkSync'.split(
    ' ',
  );

/** Native code of an installed package. */
const NATIVE_PACKAGE = /[\\/]node_modules[\\/].*\.node$/;

// --- helpers -----------------------------------------------------------------------------------------------------

function replace(home: object, name: string, value: Method): void {
  Object.defineProperty(home, name, { configurable: true, writable: true, value });
}

/** Names the address in the arguments of `socket.connect`, which come as options, as (port, host) or wrapped. */
function target(args: unknown[]): string {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (typeof first === 'object' && first !== null) {
    const { host, port, path } = first as { host?: string; port?: number; path?: string };
    return path ?? `${host ?? 'localhost'}:${port ?? '?'}`;
  }
  return `${typeof args[1] === 'string' ? args[1] : 'localhost'}:${String(first)}`;
}
