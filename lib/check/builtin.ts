type Method = (this: unknown, ...args: never[]) => unknown;

/** How a method of a built-in is replaced here. Where an answer is graded the built-ins are locked, and this has the key. */
let replace = (owner: object, name: PropertyKey, value: unknown): void => {
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, { ...descriptor, value });
};

/**
 * Puts another method in the place of a built-in's until the returned function is called: to count what code asks of
 * it. Only for files of the course; a built-in that has no such method is left as it is.
 */
export function replaceBuiltin(
  owner: object,
  name: PropertyKey,
  wrap: (original: Method) => Method,
): () => void {
  const original = (owner as Record<PropertyKey, Method | undefined>)[name];
  if (original === undefined) return () => {};
  replace(owner, name, wrap(original));
  return () => replace(owner, name, original);
}

/** The methods that files of the course replace. */
export const REPLACED: readonly [owner: object, names: readonly PropertyKey[]][] = [
  [
    Array.prototype,
    // Besides methods, what `for … of`, spreading and taking apart ask for.
    [
      Symbol.iterator,
      ...(
        'every fill filter find findIndex findLast findLastIndex flatMap forEach includes indexOf join lastIndexOf map ' +
        'reduce reduceRight reverse shift slice some sort splice toSorted unshift entries keys values'
      ).split(' '),
    ],
  ],
  [Object.getPrototypeOf(Float64Array.prototype), ['sort', 'toSorted']],
  [Object, ['keys', 'values', 'entries']],
  [Map.prototype, [Symbol.iterator, 'forEach', 'keys', 'values', 'entries']],
  [Set.prototype, [Symbol.iterator, 'forEach', 'keys', 'values', 'entries']],
];

/** Gives away the way to replace methods, once: the one who locks the built-ins takes it. */
export function handOverReplacing(by: typeof replace): void {
  replace = by;
}
