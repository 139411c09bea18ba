import { hold } from '#lib/check';
import type { Tried } from './attempt.ts';

/** The value of a part of the contract; the check fails with a sentence where an error came instead. */
export function given<T>(tried: Tried<T>, what: string, help?: string): T {
  hold('value' in tried, () => ({
    happened: `${what} threw ${'error' in tried ? tried.error : ''}`,
    expected: 'a result to check',
    help,
  }));
  return tried.value;
}
