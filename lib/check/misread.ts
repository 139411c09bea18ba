import { BlockedCheck } from './failure.ts';

/** The course stumbled over a value of the subject's that has not the shape it was promised. */
export class MisreadValue extends BlockedCheck {
  constructor(error: Error) {
    const finding = {
      happened: `the check cannot go on with what your code gave it: ${error.message}`,
      expected: "a value of the shape that the task's contract names and the starter's types show",
    };
    // "limiter.run is not a function" and "other.run is not a function" are one cause.
    super(finding, error, 'what the code gave has another shape', error.message.replace(/^\w+\./, ''));
  }
}

/**
 * True if JavaScript raised the error in the course's own code: a check or a scenario read what it was given as the
 * contract says, and that was something else. What the subject's own code raises is its own.
 */
export function isMisread(error: unknown): error is Error {
  if (!(error instanceof Error) || !NATIVE.has(error.name)) return false;
  const frame = (error.stack ?? '').split('\n').find((line) => FRAME.test(line) && !LIBRARY.test(line));
  return frame !== undefined && COURSE.test(frame.replaceAll('\\', '/'));
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** What JavaScript itself raises over a value that it cannot use so. */
const NATIVE = new Set(['TypeError', 'RangeError', 'SyntaxError', 'URIError']);

const FRAME = /^\s+at .*:\d+:\d+\)?$/;

/** Frames that say nothing of who handed the value over. */
const LIBRARY = /node:|node_modules|[\\/]lib[\\/](check|clock|provider)[\\/]/;

/** The files of a lab that learners do not edit, and those that the labs of a day share. */
const COURSE = /\/(check\.test|scenario)\.ts\b|\/days\/[^/]+\/[^/]+\.ts\b/;
