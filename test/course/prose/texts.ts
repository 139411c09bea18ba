import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Quiz } from '../../../lib/workbook/quiz.ts';
import { allLabs, type Lab, type Workbook } from '../../../lib/workbook/workbook.ts';
import { asConstants, constantsIn } from './constants.ts';
import { blankPhrases, figuresIn, proseOf } from './figures-in.ts';

/** A text of the course, its words, and the numbers that they may take from the code they are about. */
export interface Text {
  file: string;
  prose: string;
  constants: ReadonlySet<number>;
}

/** All texts that a learner reads: tasks, hints, messages of checks, notes, headers of mistakes; lessons, quizzes, the README and the pages beside it. */
export async function textsOf(workbook: Workbook): Promise<Text[]> {
  const quizzes = workbook.days.flatMap(({ quizFile }) => quizFile ?? []);
  return [
    ...[workbook.root, ...workbook.days.map(({ dir }) => dir)].map((dir) => textOf(join(dir, 'README.md'))),
    ...filesUnder(join(workbook.root, 'docs')).map((file) => textOf(file)),
    ...(await Promise.all(quizzes.map(textsOfQuiz))).flat(),
    ...allLabs(workbook).flatMap(textsOfLab),
  ].map((text) => ({ ...text, file: relative(workbook.root, text.file).replaceAll('\\', '/') }));
}

function textOf(file: string, constants: ReadonlySet<number> = new Set()): Text {
  return { file, prose: proseOf(file, readFileSync(file, 'utf8')), constants };
}

/** A question and its wrong options make up what they like, and the others may speak of it. */
async function textsOfQuiz(file: string): Promise<Text[]> {
  const { quiz } = (await import(/* @vite-ignore */ file)) as { quiz: Quiz };
  const whole = textOf(file).prose;
  const places = readFileSync(file, 'utf8');
  return quiz.map(({ question, options }, i) => {
    const made = [question, ...options.filter(({ right }) => !right).map(({ text }) => text)];
    const from = places.indexOf(question);
    const to = i + 1 < quiz.length ? places.indexOf(quiz[i + 1]?.question ?? '') : whole.length;
    const prose = whole.slice(0, from).replace(/[^\n]/g, ' ') + blankPhrases(whole.slice(from, to), made);
    const figures = figuresIn(` ${made.join(' \n ')} `);
    return { file, prose, constants: new Set(figures.flatMap(({ figure }) => asConstants(figure))) };
  });
}

/** The texts of one lab. */
export function textsOfLab(lab: Lab): Text[] {
  const solutions = filesUnder(lab.solutionDir);
  const isMistake = (file: string) => /[\\/]mistakes[\\/][^\\/]+$/.test(file);
  const answers = solutions.filter((file) => file.endsWith('.ts') && !/[\\/]mistakes[\\/]/.test(file));
  const constants = numbersIn([...codeOf(lab), ...answers]);
  const withMistakes = new Set([...constants, ...numbersIn(solutions.filter(isMistake))]);
  return [
    ...filesUnder(lab.dir)
      .filter((file) => /(?:README|hints)\.md$|check\.test\.ts$/.test(file))
      .map((file) => textOf(file, constants)),
    ...solutions
      .filter((file) => file.endsWith('NOTES.md') || isMistake(file))
      .map((file) => textOf(file, withMistakes)),
  ];
}

/** The code that a lab is about: its own, and what its day shares. */
export function codeOf(lab: Lab): string[] {
  const shared = filesUnder(dirname(lab.dir)).filter(
    (file) => !/[\\/]\d-[^\\/]+[\\/]/.test(file) && !file.endsWith('quiz.ts'),
  );
  return [...filesUnder(lab.dir), ...shared].filter((file) => file.endsWith('.ts'));
}

const known = new Map<string, Set<number>>();

/** Days share files between their labs; each is read once. */
function numbersIn(files: readonly string[]): Set<number> {
  for (const file of files) if (!known.has(file)) known.set(file, constantsIn(readFileSync(file, 'utf8')));
  return new Set(files.flatMap((file) => [...(known.get(file) ?? [])]));
}

function filesUnder(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name));
}
