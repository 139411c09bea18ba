/** Stands, in the command that starts the process of an answer, for the program that the child has compiled. */
export const PROGRAM = '{program}';
