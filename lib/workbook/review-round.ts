import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mistake, readMistakes, shownDiff } from './mistakes.ts';
import { makePatch, SHOWN } from './patch.ts';
import type { ReviewCard } from './review-cards.ts';
import type { Lab } from './workbook.ts';

/** One change of a colleague's, to be reviewed. */
export interface Change {
  /** Name under which it is remembered: "day1-latency/3-limiter/newest-first". */
  key: string;
  lab: Lab;
  /** The file that it changes, and how. */
  file: string;
  diff: string;
  /** What it brings in, for after the answer. Undefined: what comes of it is right. */
  mistake: Mistake | undefined;
  /** What it takes out again. */
  mends?: Mistake;
  /** Path of the whole answer where it is a file already: a right one. */
  path: string | undefined;
  /** What may happen in production: titles of checks that it may break, null for none of them. */
  options: readonly (string | null)[];
}

const ROUND = 7;
/** Of a round's changes, the most that are right; at least one is. How many is drawn, so that none can be counted out. */
const MOST_RIGHT = 3;
const OPTIONS = 4;
/** A change of more lines is a rewrite, which nobody reviews in a minute. */
const MOST_LINES = 40;

/**
 * The changes of one round, from labs that the reader has tried: first those that are due again, then those not seen yet.
 * Where nothing is due and all were seen, those that would be due first.
 */
export function reviewRound(
  labs: readonly Lab[],
  cards: Readonly<Record<string, ReviewCard>>,
  now: Date,
  random: () => number,
): Change[] {
  const changes = shuffled(
    labs.flatMap((lab) => changesOf(lab, random)),
    random,
  );
  const wrong = inTurn(changes.filter(({ mistake }) => mistake));
  const most = Math.min(1 + Math.floor(random() * MOST_RIGHT), Math.ceil(wrong.length / 2));
  const right = inTurn(changes.filter(({ mistake, mends }) => !mistake && !(mends && wrong.length === 1)));
  right.splice(most);
  // A mistake and the change that mends it would give each other away.
  const mended = new Set(right.map(({ mends }) => mends?.file));
  const round = wrong.filter(({ mistake }) => !mended.has(mistake?.file)).slice(0, ROUND - right.length);
  return shuffled([...round, ...right], random);

  function inTurn(some: readonly Change[]): Change[] {
    const dueMs = ({ key }: Change) => Date.parse(cards[key]?.due ?? '');
    const seen = some.filter(({ key }) => cards[key]).sort((a, b) => dueMs(a) - dueMs(b));
    const first = [
      ...seen.filter((change) => dueMs(change) <= now.getTime()),
      ...some.filter(({ key }) => !cards[key]),
    ];
    return first.length > 0 ? first : seen;
  }
}

// --- helpers -----------------------------------------------------------------------------------------------------

function changesOf(lab: Lab, random: () => number): Change[] {
  const mistakes = readMistakes(lab);
  const titles = [...new Set(mistakes.map(({ rejectedBy }) => rejectedBy))];
  const file = lab.files[0] ?? '';
  const changes = mistakes.flatMap((mistake): Change[] => {
    const { name, base, basePath, text, rejectedBy } = mistake;
    const told = { lab, file, key: `${lab.key}/${name}` };
    // A review is of a change to what was right, or that makes it so.
    if (base !== undefined && !base.startsWith('right/')) return [];
    const mended = makePatch(file, text, readFileSync(basePath, 'utf8'), SHOWN);
    const [brings, mends] = [rejectedBy, null].map((answer) => optionsFor(titles, answer, random));
    return [
      { ...told, mistake, path: undefined, diff: shownDiff(mistake), options: brings ?? [] },
      {
        ...{ ...told, key: `${told.key}/mended`, mistake: undefined, mends: mistake, path: basePath },
        ...{ diff: mended, options: mends ?? [] },
      },
    ];
  });
  return [...changes, ...rightChanges(lab, titles, random)].filter(({ diff }) => isReviewable(diff));
}

function rightChanges(lab: Lab, titles: readonly string[], random: () => number): Change[] {
  const folder = join(lab.solutionDir, 'right');
  const file = lab.files[0] ?? '';
  const solution = join(lab.solutionDir, file);
  if (!existsSync(folder) || !existsSync(solution)) return [];
  return readdirSync(folder).map((name) => ({
    ...{ key: `${lab.key}/right/${name}`, lab, file, mistake: undefined, path: join(folder, name) },
    diff: makePatch(file, readFileSync(solution, 'utf8'), readFileSync(join(folder, name), 'utf8'), SHOWN),
    options: optionsFor(titles, null, random),
  }));
}

function isReviewable(diff: string): boolean {
  const changed = diff
    .split('\n')
    .slice(2)
    .filter((line) => /^[+-]/.test(line)).length;
  return changed > 0 && changed <= MOST_LINES;
}

/** "None of them" stands last in each question, so that its being there tells nothing. */
function optionsFor(titles: readonly string[], answer: string | null, random: () => number) {
  const others = shuffled(
    titles.filter((title) => title !== answer),
    random,
  );
  const named = answer === null ? others : [answer, ...others];
  return [...shuffled(named.slice(0, OPTIONS - 1), random), null];
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(Math.floor(random() * left.length), 1));
  return out;
}
