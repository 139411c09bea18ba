/** A day's questions. Exactly one option of a question is right; every option says why it is or is not. */
export type Quiz = readonly Question[];

export interface Question {
  question: string;
  options: readonly Option[];
}

export interface Option {
  text: string;
  why: string;
  right?: true;
}

/** What is wrong with a quiz, as sentences for its author; empty for a good one. */
export function quizProblems(quiz: Quiz): string[] {
  if (quiz.length === 0) return ['The quiz has no questions.'];
  return quiz.flatMap(({ question, options }) => {
    const rights = options.filter((option) => option.right).length;
    const problems: string[] = [];
    if (rights !== 1) problems.push(`"${question}" has ${rights} right options; it needs exactly one.`);
    if (options.length < 2)
      problems.push(`"${question}" has ${options.length} options; it needs two or more.`);
    for (const { text, why } of options) {
      if (why.trim() === '') problems.push(`"${question}": the option "${text}" does not say why.`);
    }
    return problems;
  });
}
