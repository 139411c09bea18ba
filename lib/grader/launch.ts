/** Stands, in the command that starts the process of an answer, for the program that the child has compiled. */
export const PROGRAM = '{program}';

/** How the grader names a module of the machinery when a file of the course imports it. */
export const MACHINERY_SCHEME = 'workbook-lib:';
