/** The number under which the child asks for the answer to be loaded. The judge's own begin above it. */
export const LOAD = 1;
