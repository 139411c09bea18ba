/** Something about models and prices that a lab relies on. A lab exports its own as `premises` beside its scenario. */
export interface Premise {
  /** As a sentence: "A write to the cache costs more than input". */
  says: string;
  /** Whether it is so in the catalogue that is in use. */
  holds(): boolean;
}

/** The sentences of those that do not hold. */
export function brokenPremises(premises: readonly Premise[]): string[] {
  return premises.filter((premise) => !premise.holds()).map(({ says }) => says);
}
