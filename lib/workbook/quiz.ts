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
