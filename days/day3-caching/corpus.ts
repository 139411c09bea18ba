import { PLAIN } from './corpus-plain.ts';
import { TRAPS } from './corpus-traps.ts';

/** Questions that have the same answer. */
export interface Intent {
  id: string;
  questions: readonly string[];
  /** Intents of one family look alike and differ in a figure, a date, a name or a word. */
  family: string;
}

export const INTENTS: readonly Intent[] = [
  ...PLAIN.trim()
    .split('\n\n')
    .map((block) => {
      const [id = '', ...questions] = block.split('\n');
      return { id, questions, family: id };
    }),
  ...TRAPS.flatMap(({ name, values, questions }) =>
    values.map((value) => ({
      id: `${name} ${value}`,
      family: name,
      questions: questions.map((question) => question.replace('{}', value)),
    })),
  ),
];

/** Reads a CSV in the form of Banking77: a header `text,category`, then a question and its intent on each line. */
export function parseIntentCsv(csv: string): Intent[] {
  const byIntent = new Map<string, string[]>();
  const rows = [...csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,\n"]*)),([^,\r\n]+)\r?(?:\n|$)/g)].slice(1);
  for (const [, quoted, bare = '', id = ''] of rows) {
    const question = quoted?.replaceAll('""', '"') ?? bare;
    const name = id.trim().replace(/^"|"$/g, '');
    byIntent.set(name, [...(byIntent.get(name) ?? []), question.trim()]);
  }
  return [...byIntent].map(([id, questions]) => ({ id, questions, family: id }));
}
