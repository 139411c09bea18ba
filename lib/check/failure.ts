import { ClockLimitError, StuckError } from '../clock/index.ts';

/** What a failed check tells the learner. Every part is a phrase that can stand in a sentence. */
export interface Finding {
  /** What the code did: "the 50 answers took 61.3 s". */
  happened: string;
  /** What was asked: "at most 4.1 s". */
  expected: string;
  /** The measured value, where one number or string says it. */
  actual?: string;
  /** Where to look. A cause is named only if the run showed it. */
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

/** Thrown by a check that fails before it can judge anything. Others may fail by the same cause. */
export class BlockedCheck extends CheckFailure {
  /** The same for all checks that fail by one cause. */
  readonly kind: string;
  /** The cause in a few words: "the code got stuck". */
  readonly because: string;

  constructor(finding: Finding, cause: unknown, because: string, kind = finding.happened) {
    super(finding);
    this.cause = cause;
    this.kind = kind;
    this.because = because;
  }
}

/** The code under check threw, got stuck or ran on where a check needed its value. */
export class SubjectThrew extends BlockedCheck {
  constructor(error: unknown, strayUrls: readonly string[] = []) {
    const [stray] = strayUrls;
    const { happened, because, kind } = inWords(error);
    super(
      stray === undefined
        ? { happened, expected: 'a result to check' }
        : {
            happened: `your code called ${stray}, which is not the simulated provider, and then threw`,
            expected:
              'every call to go through the client that the lab hands you; nothing here reaches the network',
          },
      error,
      because,
      kind,
    );
  }
}

function inWords(error: unknown): { happened: string; because: string; kind?: string } {
  // Each play gets stuck at a time of its own, and all of them for one reason.
  if (error instanceof StuckError)
    return { happened: error.message, because: 'the code got stuck', kind: error.name };
  if (error instanceof ClockLimitError)
    return { happened: error.message, because: 'the code was stopped', kind: error.name };
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { happened: `your code threw ${said}`, because: 'the code threw' };
}
