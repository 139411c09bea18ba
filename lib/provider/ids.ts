import { hash32 } from './random.ts';

/**
 * A name that nothing else of its kind bears: made from the seed and a number that is counted up, so the same in each run.
 * It looks drawn, as vendors' ids do.
 */
export function uniqueId(seed: number, kind: string, number: number): string {
  const hex = (part: string) => hash32(`${seed} ${kind} ${number} ${part}`).toString(16).padStart(8, '0');
  return hex('a') + hex('b') + number.toString(16).padStart(8, '0');
}
