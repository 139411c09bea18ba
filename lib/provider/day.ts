/** The day of a moment as YYYY-MM-DD, by UTC; as catalogues write it. Default: today. */
export function dayOf(clock: () => number = Date.now): string {
  return new Date(clock()).toISOString().slice(0, 10);
}
