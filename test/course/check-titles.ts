import { newSession, withSession } from '../../lib/check/session.ts';
import type { Lab } from '../../lib/workbook/workbook.ts';

const known = new Map<string, Promise<string[]>>();

/** The titles of a lab's checks. */
export function titlesOf(lab: Lab): Promise<string[]> {
  const titles = known.get(lab.key) ?? readTitles(lab);
  known.set(lab.key, titles);
  return titles;
}

/** The check file is imported, once, under a session that only notes what is declared. */
async function readTitles(lab: Lab): Promise<string[]> {
  const titles: string[] = [];
  const session = newSession({ seed: 1, declare: ({ title }) => titles.push(title) });
  await withSession(session, () => import(/* @vite-ignore */ `${lab.checkFile}?titles`));
  return titles;
}
