import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { printedPhrases, REPRINTS, reprintPhrases } from './reprint.ts';

export interface Figures {
  /** By what they are: phrases as the text must print them, made from what was measured just now. */
  measured: Record<string, string>;
  /** Phrases with figures that are others' or plain arithmetic; the text names the source beside them. */
  quoted: readonly string[];
}

/** A number with a unit: what a reader takes for a fact. Counts of things ("fifty calls") are not meant. */
const FIGURE = /\d[\d.,]*\s?(?:ms|s|%|tokens|×)(?![\w-])/g;

/**
 * Holds the figures of a text file to what is measured, both ways: each measured phrase is printed, and no figure is printed
 * that is neither measured nor quoted.
 */
export function expectFigures(file: string, { measured, quoted }: Figures): void {
  if (REPRINTS) reprintPhrases(file, measured);
  expect(printedPhrases(file), 'run WORKBOOK_REPRINT=1 npm test -- test/course').toEqual(measured);
  const text = readFileSync(file, 'utf8');
  const plain = text.replaceAll('**', '').replace(/\s+/g, ' ');
  for (const [name, phrase] of Object.entries(measured)) expect(plain, name).toContain(phrase);
  for (const phrase of quoted) expect(plain, 'quoted, but no longer in the text').toContain(phrase);
  const rest = [...Object.values(measured), ...quoted]
    .sort((a, b) => b.length - a.length)
    .reduce((left, phrase) => left.replaceAll(phrase, ' '), plain);
  expect(rest.match(FIGURE) ?? [], 'figures that nobody has measured or quoted').toEqual([]);
}
