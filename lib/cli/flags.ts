/** How one flag of a command is given and read. */
export interface Flag<T> {
  /** What stands for its value in the help; a switch has none. */
  shows?: string;
  /** What it stands for when it is given without its value. */
  usual?: string;
  /** Its value, or what is wrong with it. Undefined: it was not given. */
  read(given: string | undefined): Read<T>;
}

export type Read<T> = { ok: true; value: T } | { ok: false; problem: string };

export type Flags = Readonly<Record<string, Flag<unknown>>>;

/** What the flags of a command were read as. */
export type Values<F extends Flags> = { [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

/** True where it is given. */
export function on(): Flag<boolean> {
  return { read: (given) => ({ ok: true, value: given !== undefined }) };
}

/** Words as they were given; `usual` where the flag stands alone. */
export function text(shows: string, usual?: string): Flag<string | undefined> {
  return { shows, ...(usual !== undefined && { usual }), read: (value) => ({ ok: true, value }) };
}

/** A number that `fits`; `byDefault` where it was not given. */
export function number<T extends number | undefined>(
  shows: string,
  byDefault: T,
  fits: (value: number) => boolean,
  expected: string,
): Flag<number | T> {
  return {
    shows,
    read(given) {
      if (given === undefined) return { ok: true, value: byDefault };
      const value = Number(given);
      if (given.trim() !== '' && fits(value)) return { ok: true, value };
      return { ok: false, problem: `${expected}; "${given}" is not one.` };
    },
  };
}

export function seed<T extends number | undefined>(byDefault: T): Flag<number | T> {
  const fits = (value: number) => Number.isSafeInteger(value) && value >= 0;
  return number('SEED', byDefault, fits, 'A seed is a whole number from 0 on');
}
