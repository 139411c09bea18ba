import { hash32 } from './random.ts';

/**
 * A name that nothing else of its kind bears: made from the seed and a number that is counted up, so the same in each run.
 * It looks drawn, as vendors' ids do.
 */
export function uniqueId(seed: number, kind: string, number: number): string {
  const name = `${seed} ${kind} ${number}`;
  return hex(hash32(`${name} a`)) + hex(hash32(`${name} b`)) + hex(number);
}

function hex(number: number): string {
  return number.toString(16).padStart(8, '0');
}
