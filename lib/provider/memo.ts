export interface MemoLimits {
  /** Characters of all remembered texts together. When they are more, everything is forgotten and begins anew. */
  mostChars: number;
  /** A longer text is worked out each time. */
  longest?: number;
}

/** `make`, which remembers what it made of a text. The same object comes back for the same text: do not change it. */
export function rememberTexts<T>(
  make: (text: string) => T,
  { mostChars, longest = mostChars }: MemoLimits,
): (text: string) => T {
  const made = new Map<string, T>();
  let chars = 0;
  return (text) => {
    const known = made.get(text);
    if (known !== undefined) return known;
    const fresh = make(text);
    if (text.length > longest) return fresh;
    if (chars + text.length > mostChars) {
      made.clear();
      chars = 0;
    }
    made.set(text, fresh);
    chars += text.length;
    return fresh;
  };
}
