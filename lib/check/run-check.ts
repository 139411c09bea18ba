import { BlockedCheck } from './failure.ts';
import { isMisread, MisreadValue } from './misread.ts';
import { type CheckSession, type DeclaredCheck, withSession } from './session.ts';

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
  const { step = 1 } = declared;
  const { failedStep = step } = session;
  if (failedStep < step)
    return { status: 'skipped', why: `belongs to step ${step}; step ${failedStep} comes first` };
  try {
    await withSession(session, async () => declared.body());
    return { status: 'pass' };
  } catch (error) {
    session.failed.add(declared.title);
    session.failedStep ??= step;
    return judge(isMisread(error) ? new MisreadValue(error) : error, declared.title, session);
  }
}

/** One cause is one failure: a check that fails as an earlier one did, before it could judge anything, is skipped. */
function judge(error: unknown, title: string, { blocked }: CheckSession): CheckOutcome {
  if (!(error instanceof BlockedCheck)) return { status: 'fail', error };
  const earlier = blocked.get(error.kind);
  if (earlier !== undefined)
    return { status: 'skipped', why: `cannot be judged: ${error.because}, as at "${earlier}"` };
  blocked.set(error.kind, title);
  return { status: 'fail', error };
}
