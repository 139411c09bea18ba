import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readWorkbook } from '../../lib/workbook/workbook.ts';
import { CLAIMS } from './prose/claims.ts';
import { plainOf } from './prose/figures-in.ts';
import { NOT_OF_THE_CATALOGUE } from './prose/marks.ts';
import { textsOf } from './prose/texts.ts';
import { printedPhrases } from './reprint.ts';

const texts = await textsOf(readWorkbook(resolve('.')));
const all = [...new Set(texts.map(({ file }) => file))]
  .map((file) => plainOf(readFileSync(file, 'utf8')))
  .join('\n');

/** Words that say how many times something costs, or that it costs more than something else. */
const CLAIM =
  /\bcosts? (?:\w+ ){0,5}?(?:half|twice|double|a \w+th|a quarter|\w+ times|more than)\b|\b(?:half|twice|doubles?|times|tenth|twentieth) (?:of )?the (?:list )?(?:price|write)\b|\b\w+fold\b(?=.*price)/gi;

for (const { because, holds, said } of CLAIMS)
  describe(because, () => {
    if (holds) test(`is true: "${said[0]}"`, holds);

    test('and each sentence that rests on it is still printed', () => {
      expect(said.filter((sentence) => !all.includes(sentence))).toEqual([]);
    });
  });

test('what a text says in words of costs has a condition that makes it true', () => {
  const known = [...CLAIMS.flatMap(({ said }) => said), ...NOT_OF_THE_CATALOGUE];
  const open = texts.flatMap(({ file, prose }) => {
    const phrases = [...known, ...Object.values(printedPhrases(file))].sort((a, b) => b.length - a.length);
    const rest = phrases.reduce((left, phrase) => left.replaceAll(phrase, ' '), plainOf(prose));
    return [...rest.matchAll(CLAIM)].map(
      ({ index }) =>
        `${file} says "${rest.slice(Math.max(0, index - 60), index + 60)}": add the sentence to the claim that makes it true in test/course/prose/claims.ts, or to NOT_OF_THE_CATALOGUE.`,
    );
  });
  expect([...new Set(open)]).toEqual([]);
});
