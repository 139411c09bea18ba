import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFile, stateDir } from './files.ts';
import { keep } from './storage.ts';

/** A question about the week, with what the learner wrote under it; empty before that. */
export interface Reflection {
  question: string;
  answer: string;
}

export const REFLECTION_FILE = '.workbook/reflection.md';

/** Asked at the end of the week, one for each of its aims. */
export const QUESTIONS = [
  'Latency: which change shortened the wait most, from what to what, and why did it?',
  'Tokens: what did you take out of a prompt, what did that save, and how do you know that the answers stayed right?',
  'Caching: which requests may share an answer, which must never, and what did the hit rate cost in wrong answers?',
  'Models: where was the cheaper model good enough, and how did you find out?',
  'Measuring: which before and after would you show a colleague, and what would make you doubt it?',
  'Node.js and Python: what had to change on the way over, and what stayed the same?',
  'Next: what will you change first in a system of your own, and which figure has to move?',
] as const;

/** The questions with the answers so far. The file is made once; from then on it is the learner's and never written. */
export function readReflection(root: string): Reflection[] {
  const path = join(stateDir(root), 'reflection.md');
  if (!existsSync(path)) {
    keep(path, () => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, BLANK, { flag: 'wx' });
    });
  }
  return parseReflection(isFile(path) ? readFileSync(path, 'utf8') : BLANK);
}

/** The `## ` sections of the file. A question that was taken out is asked again, one that was added is kept. */
export function parseReflection(text: string): Reflection[] {
  const sections = text.replaceAll('\r\n', '\n').split(/^## /m).slice(1);
  const given = sections.map((section): Reflection => {
    const [question = '', ...rest] = section.split('\n');
    return { question: question.trim(), answer: rest.join('\n').trim() };
  });
  const asked = QUESTIONS.map((question) => ({ question, answer: '' }));
  const missing = asked.filter(({ question }) => !given.some((each) => each.question === question));
  return [...given, ...missing];
}

// --- helpers -----------------------------------------------------------------------------------------------------

const BLANK = `# The week in my words

Write under each question; a line or two will do. \`npm run lab -- report\` shows it, and never writes in this file.

${QUESTIONS.map((question) => `## ${question}\n\n`).join('\n')}`;
