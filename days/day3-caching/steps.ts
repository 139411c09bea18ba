/**
 * Counts the steps that `work` takes in built-in collections: one for each item that a search, a sort, a copy or an
 * iterator touches. A wall clock would say something else on every machine; this says the same on all of them.
 */
export function countSteps(work: () => void): number {
  let steps = 0;
  const restore = [
    ...ARRAY_METHODS.map((name) =>
      around(Array.prototype, name, (self) => count((self as unknown[]).length)),
    ),
    ...OBJECT_METHODS.map((name) =>
      around(Object, name, (_, [of]) => count(Object.getOwnPropertyNames(of).length)),
    ),
    ...COLLECTIONS.flatMap((type) => [
      around(type.prototype, 'forEach', (self) => count((self as Map<unknown, unknown>).size)),
      ...ITERATOR_METHODS.map((name) => counted(type.prototype, name, count)),
    ]),
  ];
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

const ARRAY_METHODS =
  'every fill filter find findIndex findLast findLastIndex flatMap forEach includes indexOf'
    .split(' ')
    .concat(
      'join lastIndexOf map reduce reduceRight reverse shift slice some sort splice toSorted unshift'.split(
        ' ',
      ),
    );
const OBJECT_METHODS = ['keys', 'values', 'entries'];
const ITERATOR_METHODS = ['keys', 'values', 'entries'];
const COLLECTIONS = [Map, Set];

type Methods = Record<string, (...args: unknown[]) => unknown>;

function around(owner: object, name: string, before: (self: unknown, args: unknown[]) => void): () => void {
  return replace(
    owner,
    name,
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        before(this, args);
        return original.apply(this, args);
      },
  );
}

/** An iterator method whose iterator counts each item that it hands out. */
function counted(owner: object, name: string, count: (items: number) => void): () => void {
  return replace(
    owner,
    name,
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const inner = original.apply(this, args) as Iterator<unknown>;
        return {
          next: () => {
            count(1);
            return inner.next();
          },
          [Symbol.iterator]() {
            return this;
          },
        };
      },
  );
}

function replace(
  owner: object,
  name: string,
  wrap: (original: Methods[string]) => Methods[string],
): () => void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  if (!descriptor) return () => {};
  const original = descriptor.value as Methods[string];
  Object.defineProperty(owner, name, { ...descriptor, value: wrap(original as never) });
  return () => Object.defineProperty(owner, name, descriptor);
}
