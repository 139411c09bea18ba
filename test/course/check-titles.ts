import { type DeclaredCheck, newSession, withSession } from '../../lib/check/session.ts';
import type { Lab } from '../../lib/workbook/workbook.ts';

const known = new Map<string, Promise<DeclaredCheck[]>>();

/** The titles of a lab's checks. */
export async function titlesOf(lab: Lab): Promise<string[]> {
  return (await declaredChecks(lab)).map(({ title }) => title);
}

/** A lab's checks, in the order of their file. */
export function declaredChecks(lab: Lab): Promise<DeclaredCheck[]> {
  const checks = known.get(lab.key) ?? readChecks(lab);
  known.set(lab.key, checks);
  return checks;
}

/** The check file is imported, once, under a session that only notes what is declared. */
async function readChecks(lab: Lab): Promise<DeclaredCheck[]> {
  const checks: DeclaredCheck[] = [];
  const session = newSession({ seed: 1, declare: (check) => checks.push(check) });
  await withSession(session, () => import(/* @vite-ignore */ `${lab.checkFile}?titles`));
  return checks;
}
