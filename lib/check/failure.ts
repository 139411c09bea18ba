import { ClockLimitError, StuckError } from '../clock/index.ts';

/** What a failed check tells the learner. Every part is a phrase that can stand in a sentence. */
export interface Finding {
  /** What the code did: "the 50 answers took 61.3 s". */
  happened: string;
  /** What was asked: "at most 4.1 s". */
  expected: string;
  /** The measured value, where one number or string says it. */
  actual?: string;
  /** The likely mistake and where to look. */
  help?: string;
}

/** Thrown by `hold` when a check fails. Carries the parts of the finding, so that a screen can lay them out. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure';
  readonly finding: Finding;

  constructor(finding: Finding) {
    super(`${finding.happened}; expected ${finding.expected}`);
    this.finding = finding;
  }
}

/** Fails the running check with a finding unless `condition` holds. The finding is only built when it is needed. */
export function hold(condition: boolean, finding: Finding | (() => Finding)): asserts condition {
  if (!condition) throw new CheckFailure(typeof finding === 'function' ? finding() : finding);
}

/** The code under check threw, got stuck or ran on where a check needed its value. */
export class SubjectThrew extends CheckFailure {
  constructor(error: unknown, strayUrls: readonly string[] = []) {
    const [stray] = strayUrls;
    super(
      stray === undefined
        ? { happened: inWords(error), expected: 'a result to check' }
        : {
            happened: `your code called ${stray}, which is not the simulated provider, and then threw`,
            expected:
              'every call to go through the client that the lab hands you; nothing here reaches the network',
          },
    );
    this.cause = error;
  }
}

function inWords(error: unknown): string {
  if (error instanceof StuckError || error instanceof ClockLimitError) return error.message;
  return `your code threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`;
}
