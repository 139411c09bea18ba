import { handOverReplacing, REPLACED } from '../../check/builtin.ts';

/** Told when code asks to change a locked built-in. */
export type OnChange = (name: string) => void;

/**
 * Makes the language's own objects unchangeable, so that what provider, clock and record are made of stays as it was
 * before the answer's first line. An object that only inherits from them may still have a member of the same name.
 */
export function lockBuiltIns(onChange: OnChange): void {
  for (const [name, value] of builtIns()) {
    lock(value, name, onChange);
    const { prototype } = value as { prototype?: unknown };
    if (isObject(prototype)) lock(prototype, `${name}.prototype`, onChange);
  }
  for (const name of LOCKED_GLOBALS) {
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
    if (descriptor?.configurable)
      Object.defineProperty(globalThis, name, {
        ...{ configurable: false, enumerable: descriptor.enumerable ?? false, writable: false },
        value: (globalThis as Record<string, unknown>)[name],
      });
  }
}

/**
 * Locks the methods that files of the course replace to count steps. `open` says that this course file does: then they
 * can be replaced by `replaceBuiltin`, and by nothing else.
 */
export function lockCounted(open: boolean, onChange: OnChange): void {
  const current = new Map<object, Map<PropertyKey, unknown>>();
  for (const [owner, names] of REPLACED) {
    const values = new Map<PropertyKey, unknown>();
    current.set(owner, values);
    for (const name of names) {
      const value = (owner as Record<PropertyKey, unknown>)[name];
      if (value === undefined) continue;
      values.set(name, value);
      const reader = open ? () => values.get(name) : undefined;
      if (reader) inherit(owner, name, reader, nameOf(owner), onChange);
      else Object.defineProperty(owner, name, { configurable: false, writable: false, value });
    }
    Object.preventExtensions(owner);
  }
  const put = Map.prototype.set;
  handOverReplacing((owner, name, value) => {
    const values = current.get(owner);
    if (values) Reflect.apply(put, values, [name, value]);
  });
}

// --- helpers -----------------------------------------------------------------------------------------------------

const STAYS_OPEN = new Set([
  // Virtual time and seeded randomness take their places.
  ...['Math.random', 'AbortSignal.timeout'],
  // Read by V8 from the class itself, and set by tools.
  ...['Error.stackTraceLimit', 'Error.prepareStackTrace'],
]);

/** Members that objects commonly have of their own, though a prototype has them too. */
const OFTEN_OWN = new Set(['constructor', 'toString', 'toJSON', 'valueOf', 'name', 'message', 'stack']);

const LANGUAGE =
  'Object Function Array Number Boolean String Symbol BigInt Math JSON Reflect Proxy Promise Map Set WeakMap WeakSet ' +
  'WeakRef RegExp Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError ArrayBuffer ' +
  'SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array ' +
  'Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array FinalizationRegistry Iterator';
const WEB =
  'Response Request Headers FormData Blob URL URLSearchParams TextEncoder TextDecoder ReadableStream WritableStream ' +
  'TransformStream TextDecoderStream TextEncoderStream AbortController AbortSignal EventTarget Event Buffer';
const LOCKED_GLOBALS = `${LANGUAGE} ${WEB} structuredClone queueMicrotask setImmediate`.split(' ');

function builtIns(): [name: string, value: object][] {
  const named = `${LANGUAGE} ${WEB} Date`
    .split(' ')
    .map((name): [string, unknown] => [name, (globalThis as Record<string, unknown>)[name]]);
  const proto = Object.getPrototypeOf;
  const generator = Object.getPrototypeOf(function* () {});
  const asyncGenerator = Object.getPrototypeOf(async function* () {});
  const hidden: [string, unknown][] = [
    ['TypedArray', proto(Uint8Array)],
    ['Generator', generator],
    ['AsyncGenerator', asyncGenerator],
    ['AsyncFunction', proto(async () => {})],
    ['Iterator.prototype', proto(proto([][Symbol.iterator]()))],
    ['AsyncIterator.prototype', proto(proto(asyncGenerator.prototype))],
    ...[[].values(), new Map().values(), new Set().values(), ''[Symbol.iterator](), 'a'.matchAll(/a/g)].map(
      (iterator): [string, unknown] => ['an iterator', proto(iterator)],
    ),
  ];
  return [...named, ...hidden].filter((entry): entry is [string, object] => isObject(entry[1]));
}

const COUNTED = new Map(REPLACED.map(([owner, names]) => [owner, new Set(names)]));

function lock(target: object, of: string, onChange: OnChange): void {
  const counted = COUNTED.get(target);
  for (const key of Reflect.ownKeys(target)) {
    const descriptor = Object.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
    if (!descriptor.configurable || STAYS_OPEN.has(`${of}.${String(key)}`)) continue;
    if (counted?.has(key)) continue;
    const { value } = descriptor;
    if (typeof value === 'function' && key !== 'constructor') Object.freeze(value);
    const inherited =
      (target === Object.prototype || (typeof key === 'string' && OFTEN_OWN.has(key))) &&
      /prototype$/.test(of);
    if (!('value' in descriptor)) Object.defineProperty(target, key, { configurable: false });
    else if (inherited || (of === 'Date' && key !== 'prototype'))
      inherit(target, key, () => value, of, onChange);
    else Object.defineProperty(target, key, { configurable: false, writable: false });
  }
  // V8 keeps its settings on this one.
  if (target !== Error && !counted) Object.preventExtensions(target);
}

/** Locks a member, such that an object that inherits it can be given one of its own by plain assignment. */
function inherit(target: object, key: PropertyKey, get: () => unknown, of: string, onChange: OnChange): void {
  const define = Object.defineProperty;
  define(target, key, {
    ...{ configurable: false, enumerable: false, get },
    set(this: object, value: unknown) {
      if (this === target) {
        onChange(`${of}.${String(key)}`);
        throw new TypeError(`Cannot assign to read only property '${String(key)}' of ${of}`);
      }
      define(this, key, { configurable: true, enumerable: true, writable: true, value });
    },
  });
}

function nameOf(owner: object): string {
  return owner === Object ? 'Object' : `${owner.constructor.name}.prototype`;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
