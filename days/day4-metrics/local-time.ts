const HOUR = 3_600_000;

/**
 * Runs with a `Date` whose local time stands so many hours from UTC, as on a machine in another place. Only what asks
 * for local parts sees a difference.
 */
export function withLocalTime<T>(hours: number, run: () => T): T {
  const Real = globalThis.Date;
  const shifted = (date: Date) => new Real(date.getTime() + hours * HOUR);
  class LocalDate extends Real {
    constructor(...args: number[]) {
      // Parts given one by one are local; a moment, a text or nothing is what it always is.
      const parts = args as [number, number];
      if (args.length > 1) super(Real.UTC(...parts) - hours * HOUR);
      else if (args.length === 1) super(args[0] as number);
      else super();
    }
    override getFullYear = () => shifted(this).getUTCFullYear();
    override getMonth = () => shifted(this).getUTCMonth();
    override getDate = () => shifted(this).getUTCDate();
    override getDay = () => shifted(this).getUTCDay();
    override getHours = () => shifted(this).getUTCHours();
    override getTimezoneOffset = () => -hours * 60;
    override toDateString = () => shifted(this).toUTCString().slice(0, 16);
    override toLocaleDateString = () => shifted(this).toISOString().slice(0, 10);
    override setHours = (...args: number[]) => {
      const local = shifted(this);
      local.setUTCHours(...(args as [number]));
      return this.setTime(local.getTime() - hours * HOUR);
    };
    override setDate = (day: number) => {
      const local = shifted(this);
      local.setUTCDate(day);
      return this.setTime(local.getTime() - hours * HOUR);
    };
  }
  globalThis.Date = LocalDate as unknown as DateConstructor;
  try {
    return run();
  } finally {
    globalThis.Date = Real;
  }
}
