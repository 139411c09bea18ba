import { allLabs, type Day, type Lab, type Workbook } from './workbook.ts';

export type Found<T> = { ok: true; found: T } | { ok: false; problem: string };

/** The labs that the words name: ids ("day1.2", "1.2"), days ("day1"), slugs or a unique part of one. */
export function findLabs(workbook: Workbook, words: readonly string[]): Found<Lab[]> {
  const labs: Lab[] = [];
  for (const word of words) {
    const match = findOne(workbook, word);
    if (!match.ok) return match;
    labs.push(...match.found);
  }
  return { ok: true, found: [...new Set(labs)] };
}

/** The one lab that a word names. */
export function findLab(workbook: Workbook, word: string): Found<Lab> {
  const match = findLabs(workbook, [word]);
  if (!match.ok) return match;
  const [only, ...more] = match.found;
  if (only && more.length === 0) return { ok: true, found: only };
  return {
    ok: false,
    problem: `"${word}" is a whole day: name one lab, for example ${only?.id ?? 'day1.1'}.`,
  };
}

export function findDay(workbook: Workbook, word: string): Found<Day> {
  const plain = plainName(word);
  const days = workbook.days.filter((day) => day.id === plain || day.slug === plain);
  const near = days.length > 0 ? days : workbook.days.filter((day) => day.slug.includes(plain));
  if (near.length === 1 && near[0]) return { ok: true, found: near[0] };
  return { ok: false, problem: `There is no day "${word}". The days are ${ids(workbook.days)}.` };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** A word without what people type around a name: "1.2" is "day1.2", "days/day1-latency/" is "day1-latency". */
function plainName(word: string): string {
  return word
    .replaceAll('\\', '/')
    .replace(/^(\.\/)?(days|solutions)\//, '')
    .replace(/\/$/, '')
    .replace(/^\d+(\.\d+)?$/, 'day$&');
}

function findOne(workbook: Workbook, word: string): Found<Lab[]> {
  const labs = allLabs(workbook);
  const plain = plainName(word);
  const exact = labs.filter((lab) => lab.id === plain || lab.key === plain || lab.slug === plain);
  if (exact.length > 0) return { ok: true, found: exact };
  const day = workbook.days.find((each) => each.id === plain || each.slug === plain);
  if (day) return { ok: true, found: [...day.labs] };
  const days = workbook.days.filter((each) => plain !== '' && each.slug.includes(plain));
  if (days.length === 1 && days[0]) return { ok: true, found: [...days[0].labs] };
  const near = labs.filter(
    (lab) => plain.startsWith(`${lab.key}/`) || (plain !== '' && lab.slug.includes(plain)),
  );
  if (near.length === 1) return { ok: true, found: near };
  const named = near.map((lab) => `${lab.id} (${lab.slug})`).join(', ');
  if (near.length > 1) return { ok: false, problem: `"${word}" could be ${named}.` };
  return { ok: false, problem: noSuch(workbook, word) };
}

function noSuch(workbook: Workbook, word: string): string {
  const number = /^(?:day)?(\d+)\./.exec(word)?.[1];
  const day = workbook.days.find((each) => each.id === `day${number}`);
  if (day) return `There is no lab "${word}". ${day.id} has ${ids(day.labs)}.`;
  return `There is no day or lab "${word}". The days are ${ids(workbook.days)}; \`npm run lab -- list\` shows the labs.`;
}

function ids(things: readonly { id: string }[]): string {
  return things.map((thing) => thing.id).join(', ') || 'none yet';
}
