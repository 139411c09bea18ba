/** Something that a task asks for, and the numbers of the checks that hold it. */
export interface Clause {
  text: string;
  checks: number[];
}

/**
 * The clauses of a task: each item of a list and each paragraph below "Your task", headings and code aside. The first
 * paragraph, which says what to edit, is one only if it names a check.
 */
export function clausesOf(task: string): Clause[] {
  const [, section = ''] = /^## Your task\n(.*?)(?=^## )/ms.exec(task) ?? [];
  const blocks = section
    .replaceAll(/```.*?```|^#.*?$/gms, '')
    .split(/\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )/)
    .map((block) => block.replaceAll(/\s+/g, ' ').trim())
    .filter((block) => block !== '' && !block.startsWith('|'));
  return blocks
    .map((text) => ({ text, checks: [...text.matchAll(/\[(\d[\d, ]*)\](?!\()/g)].flatMap(numbersIn) }))
    .filter(({ checks }, at) => at > 0 || checks.length > 0);
}

function numbersIn([, list = '']: RegExpMatchArray): number[] {
  return list.split(',').map(Number);
}
