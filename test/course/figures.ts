import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { printedPhrases, REPRINTS, reprintPhrases } from './reprint.ts';

/**
 * Holds the phrases of a text that have figures to what is measured, by what they are. prose.test.ts holds that no text
 * has figures of which nobody knows the source.
 */
export function expectPhrases(file: string, measured: Record<string, string>): void {
  if (REPRINTS) reprintPhrases(file, measured);
  expect(printedPhrases(file), 'run `npm run verify -- reprint`').toEqual(measured);
  const plain = readFileSync(file, 'utf8').replaceAll('**', '').replace(/\s+/g, ' ');
  for (const [name, phrase] of Object.entries(measured)) expect(plain, name).toContain(phrase);
}
