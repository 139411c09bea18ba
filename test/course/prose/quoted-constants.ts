import { readFileSync } from 'node:fs';
import { basename, relative } from 'node:path';
import type { Lab } from '../../../lib/workbook/workbook.ts';
import { asConstants, constantsIn } from './constants.ts';
import { figuresIn } from './figures-in.ts';
import { codeOf, textsOfLab } from './texts.ts';

/** Where texts of a lab have a figure that a named constant has too: by constant, "15 % in README.md; 15 % in hints.md". */
export type Quotes = Record<string, string>;

/** Named constants of a lab's scenario and contract, by file and name. */
function namedConstants(lab: Lab): Map<string, ReadonlySet<number>> {
  const found = new Map<string, ReadonlySet<number>>();
  for (const file of codeOf(lab).filter((it) => !it.endsWith('check.test.ts'))) {
    const code = readFileSync(file, 'utf8');
    const short = relative(lab.dir, file).replaceAll('\\', '/');
    for (const [, name, value = ''] of code.matchAll(NAMED)) {
      const values = [...constantsIn(value)].filter((it) => it > 2 || it % 1 > 0);
      const key = `${short} ${name}`;
      if (values.length > 0) found.set(key, new Set([...(found.get(key) ?? []), ...values]));
    }
  }
  return found;
}

const NAMED = /\bconst ([A-Z][A-Z_0-9]+) = (\d[\d_.]*(?: \* \d[\d_.]*)*);/g;

/** What the texts of a lab quote now. */
export function quotesOf(lab: Lab): Quotes {
  const texts = figuresOf(lab);
  return Object.fromEntries(
    [...namedConstants(lab)].flatMap(([name, has]) => {
      const quotes = texts.flatMap(({ file, figures }) =>
        [...figures].filter((figure) => isValueOf(figure, name, has)).map((figure) => `${figure} in ${file}`),
      );
      return quotes.length > 0 ? [[name, quotes.join('; ')]] : [];
    }),
  );
}

/** A time is quoted as a time, and nothing else is. */
function isValueOf(figure: string, name: string, has: ReadonlySet<number> | undefined): boolean {
  const isTime =
    /(?:ms|s|seconds?|minutes?|hours?|days?)$/.test(figure) &&
    !/times|tokens|bytes|points|characters/.test(figure);
  return isTime === name.endsWith('_MS') && asConstants(figure).some((value) => has?.has(value));
}

/** Quotes of before whose constant has another value now, while the text still says what it said. */
export function outdated(lab: Lab, before: Quotes): string[] {
  const constants = namedConstants(lab);
  const texts = new Map(figuresOf(lab).map(({ file, figures }) => [file, figures]));
  return Object.entries(before).flatMap(([name, quotes]) =>
    quotes.split('; ').flatMap((quote) => {
      const [figure = '', file = ''] = quote.split(' in ');
      const has = constants.get(name);
      if (!texts.get(file)?.has(figure) || isValueOf(figure, name, has)) return [];
      return [
        `${lab.key}: ${file} says ${figure}, as ${name} did, which is ${has ? [...has].join(', ') : 'gone'} now. Change the text, or, if it spoke of something else, take the line out of test/course/printed/quoted-constants.json.`,
      ];
    }),
  );
}

const read = new Map<string, { file: string; figures: ReadonlySet<string> }[]>();

function figuresOf(lab: Lab): { file: string; figures: ReadonlySet<string> }[] {
  const texts =
    read.get(lab.key) ??
    textsOfLab(lab).map(({ file, prose }) => ({
      file: basename(file),
      figures: new Set(figuresIn(prose).map(({ figure }) => figure)),
    }));
  read.set(lab.key, texts);
  return texts;
}
