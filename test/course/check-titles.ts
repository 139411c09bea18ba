import { newSession, withSession } from '../../lib/check/session.ts';
import type { Lab } from '../../lib/workbook/workbook.ts';

/** The titles of a lab's checks: its check file is imported under a session that only notes what is declared. */
export async function titlesOf(lab: Lab): Promise<string[]> {
  const titles: string[] = [];
  const session = newSession({ seed: 1, declare: ({ title }) => titles.push(title) });
  await withSession(session, () => import(/* @vite-ignore */ `${lab.checkFile}?titles`));
  return titles;
}
