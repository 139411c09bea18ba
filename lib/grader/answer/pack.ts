/**
 * What crosses between the process of the answer and the judge: data, as text. Functions stay where they are, or cross
 * as a number that stands for them. Packing runs beside the answer, on built-ins that were locked before it was loaded.
 */
export type Packed = null | boolean | number | string | Packed[] | { [name: string]: Packed };

/** Keeps a function or a promise, and answers with the number that stands for it. */
export interface Keeper {
  fn(fn: (...args: unknown[]) => unknown): number;
  promise(promise: Promise<unknown>): number;
}

/** Marks what JSON has no word for. An object of the answer's with such a key is marked itself. */
const MARK = '$';

export function pack(value: unknown, keep?: Keeper): Packed {
  const seen = new Map<object, number>();
  return one(value);

  function one(each: unknown): Packed {
    switch (typeof each) {
      case 'string':
      case 'boolean':
        return each;
      case 'number':
        return Number.isFinite(each) && !Object.is(each, -0) ? each : mark('number', numberInWords(each));
      case 'bigint':
        return mark('bigint', String(each));
      case 'function':
        return keep ? mark('function', keep.fn(each as never)) : mark('undefined');
      case 'object':
        return each === null ? null : reference(each);
      default:
        return mark('undefined');
    }
  }

  function reference(object: object): Packed {
    const known = seen.get(object);
    if (known !== undefined) return mark('same', known);
    seen.set(object, seen.size);
    return whole(object);
  }

  function whole(object: object): Packed {
    if (Array.isArray(object)) return Array.from(object, one);
    if (object instanceof Error) return error(object);
    if (object instanceof Promise) return keep ? mark('promise', keep.promise(object)) : mark('undefined');
    if (object instanceof Map)
      return mark(
        'map',
        Array.from(object, ([k, v]) => [one(k), one(v)]),
      );
    if (object instanceof Set) return mark('set', Array.from(object, one));
    if (object instanceof Date) return mark('date', one(object.getTime()));
    if (object instanceof RegExp) return mark('regexp', object.source, object.flags);
    if (ArrayBuffer.isView(object) && !(object instanceof DataView))
      return mark('numbers', object.constructor.name, Array.from(object as unknown as number[], one));
    return record(object);
  }

  function record(object: object): Packed {
    const out: Record<string, Packed> = Object.create(null);
    for (const key of keep ? methodsToo(object) : Object.keys(object)) {
      const member = (object as Record<string, unknown>)[key];
      if (typeof member !== 'function') out[key] = one(member);
      else if (keep)
        out[key] = mark(
          'function',
          keep.fn((...args) => member.apply(object, args)),
        );
    }
    return MARK in out ? mark('object', out) : out;
  }

  function error(thrown: Error): Packed {
    const own: Record<string, Packed> = Object.create(null);
    for (const key of new Set(['status', 'code', 'type', 'param', 'requestID', ...Object.keys(thrown)])) {
      const member = (thrown as unknown as Record<string, unknown>)[key];
      if (key !== 'headers' && key !== 'cause' && member !== undefined && typeof member !== 'function')
        own[key] = one(member);
    }
    const { name, message, stack = '', cause } = thrown;
    const kind = thrown.constructor?.name ?? '';
    const place = String(stack).replaceAll(/\?answer\b/g, '');
    return mark('error', kind, String(name), String(message), place, own, one(cause));
  }
}

export type ErrorClass = { readonly name: string; readonly prototype: object };

/** What stands in for functions and promises that stayed where they are. */
export interface StandIns {
  call(fn: number, args: unknown[]): unknown;
  wait(promise: number): Promise<unknown>;
}

/** Makes values again. Errors get the class of their name. */
export function unpack(
  packed: Packed,
  errors: ReadonlyMap<string, ErrorClass> = new Map(),
  standIns?: StandIns,
): unknown {
  const seen: unknown[] = [];
  return one(packed);

  function one(each: Packed): unknown {
    if (typeof each !== 'object' || each === null) return each;
    if (Array.isArray(each)) return each.reduce<unknown[]>(push, remember([]));
    const marked = each[MARK];
    return Array.isArray(marked) ? special(marked) : members(each, remember({}));
  }

  function special([kind, ...rest]: Packed[]): unknown {
    const [first, second] = rest as [Packed, Packed];
    switch (kind) {
      case 'number':
        return first === '-0' ? -0 : Number(first);
      case 'bigint':
        return BigInt(String(first));
      case 'function':
        return (...args: unknown[]) => standIns?.call(Number(first), args);
      case 'promise':
        return remember(standIns?.wait(Number(first)));
      case 'same':
        return seen[Number(first)];
      case 'map':
        return (first as Packed[][]).reduce(
          (map, [k, v]) => map.set(one(k as Packed), one(v as Packed)),
          remember(new Map()),
        );
      case 'set':
        return (first as Packed[]).reduce((set, item) => set.add(one(item)), remember(new Set()));
      case 'date':
        return remember(new Date(one(first) as number));
      case 'regexp':
        return remember(new RegExp(String(first), String(second)));
      case 'numbers':
        return remember(numbers(String(first), (second as Packed[]).map(one)));
      case 'object':
        return members(first as Record<string, Packed>, remember({}));
      case 'error':
        return error(rest);
      default:
        return undefined;
    }
  }

  function error([kind, name, message, stack, own, cause]: Packed[]): unknown {
    const made = remember(new Error(String(message)));
    const known = errors.get(String(kind));
    if (known) Object.setPrototypeOf(made, known.prototype);
    hide(made, 'name', name);
    hide(made, 'stack', stack);
    members(own as Record<string, Packed>, made as unknown as Record<string, unknown>);
    const inner = one(cause as Packed);
    if (inner !== undefined) hide(made, 'cause', inner);
    return made;
  }

  function members<T extends object>(from: Record<string, Packed>, into: T): T {
    for (const [key, value] of Object.entries(from))
      Object.defineProperty(into, key, {
        ...{ configurable: true, enumerable: true, writable: true },
        value: one(value),
      });
    return into;
  }

  function push(list: unknown[], item: Packed): unknown[] {
    list.push(one(item));
    return list;
  }

  function remember<T>(made: T): T {
    seen.push(made);
    return made;
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

function mark(kind: string, ...rest: Packed[]): Packed {
  const out = Object.create(null);
  out[MARK] = [kind, ...rest];
  return out;
}

function numberInWords(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Own members, and the methods of a class. */
function methodsToo(object: object): string[] {
  const names = new Set(Object.keys(object));
  let prototype = Object.getPrototypeOf(object);
  while (prototype && prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) if (name !== 'constructor') names.add(name);
    prototype = Object.getPrototypeOf(prototype);
  }
  return [...names];
}

const NUMBERS: Record<string, { from(list: never[]): unknown }> = {
  ...{ Float64Array, Float32Array, Int8Array, Int16Array, Int32Array },
  ...{ Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array, BigInt64Array, BigUint64Array },
  Buffer: Uint8Array,
};

function numbers(kind: string, list: unknown[]): unknown {
  return (NUMBERS[kind] ?? Array).from(list as never[]);
}

function hide(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { configurable: true, writable: true, value });
}
