import { REPLACED, replaceBuiltin } from '#lib/check/builtin.ts';

/**
 * Counts the steps that `work` takes in built-in collections: one for each item that a search, a sort, a copy or an
 * iterator touches. A wall clock would say something else on every machine; this says the same on all of them.
 */
export function countSteps(work: () => void): number {
  let steps = 0;
  const restore = REPLACED.flatMap(([owner, names]) => names.map((name) => counting(owner, name, count)));
  try {
    work();
  } finally {
    for (const undo of restore.toReversed()) undo();
  }
  return steps;

  function count(items: number): void {
    steps += items;
  }
}

const ITERATORS: readonly PropertyKey[] = [Symbol.iterator, 'keys', 'values', 'entries'];

/** Counts a method's steps: of an iterator each item that it hands out, else all items at once. */
function counting(owner: object, name: PropertyKey, count: (items: number) => void): () => void {
  return replaceBuiltin(owner, name, (original) =>
    owner !== Object && ITERATORS.includes(name)
      ? function (this: unknown) {
          const inner = original.apply(this, []) as Iterator<unknown>;
          return {
            next: () => {
              count(1);
              return inner.next();
            },
            return: (value?: unknown) => ({ done: true, value }),
            [Symbol.iterator]() {
              return this;
            },
          };
        }
      : function (this: unknown, ...args) {
          count(sizeOf(owner === Object ? args[0] : this));
          return original.apply(this, args);
        },
  );
}

function sizeOf(of: unknown): number {
  if (of instanceof Map || of instanceof Set) return of.size;
  return Array.isArray(of) || ArrayBuffer.isView(of)
    ? (of as unknown[]).length
    : Object.getOwnPropertyNames(of).length;
}
