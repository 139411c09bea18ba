import type { WeekLab } from './week-lab.ts';

/** Whether the course counts as completed. */
export interface Certificate {
  earned: boolean;
  /** Labs that still have to pass. */
  missing: { id: string; title: string }[];
  /** How many labs are asked for. */
  of: number;
}

/** The rule, as it stands on the certificate. */
export const RULE =
  'every fast and core lab of the days before the capstone, and the capstone itself; ' +
  'the other labs of its own day, the port to Node.js, are optional';

/** Asks for the capstone and for the fast and core labs of the days before it. */
export function certificateFor(labs: readonly WeekLab[], capstoneKey: string | undefined): Certificate {
  const ownDay = capstoneKey?.split('/')[0];
  const asked = labs.filter(
    ({ key, lane }) => key === capstoneKey || (lane !== 'stretch' && key.split('/')[0] !== ownDay),
  );
  const missing = asked.flatMap(({ id, title, status }) => (status === 'passed' ? [] : [{ id, title }]));
  return { earned: capstoneKey !== undefined && missing.length === 0, missing, of: asked.length };
}
