import { SubjectThrew } from './failure.ts';
import type { CheckSession, DeclaredCheck } from './session.ts';

export type CheckOutcome =
  | { status: 'pass' }
  | { status: 'fail'; error: unknown }
  | { status: 'skipped'; why: string };

/** Runs one declared check: the same code for a learner's verdict and for the course's own proof. */
export async function runCheck(declared: DeclaredCheck, session: CheckSession): Promise<CheckOutcome> {
  const blockedBy = declared.needs.find((title) => session.failed.has(title));
  if (blockedBy !== undefined) {
    session.failed.add(declared.title);
    return { status: 'skipped', why: `cannot be judged until this one passes: "${blockedBy}"` };
  }
  try {
    await declared.body();
    return { status: 'pass' };
  } catch (error) {
    const known = session.failed.size > 0;
    session.failed.add(declared.title);
    if (error instanceof SubjectThrew && known)
      return { status: 'skipped', why: 'the code threw; see above' };
    return { status: 'fail', error };
  }
}
