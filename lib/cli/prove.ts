import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findLab } from '../workbook/find.ts';
import { outdatedLists } from '../workbook/lab-lists.ts';
import { omissionsOf } from '../workbook/omissions.ts';
import type { Workbook } from '../workbook/workbook.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { complain, openCourse } from './course.ts';
import { runVitest } from './test.ts';

/** `npm run prove -- day2.4`: says what a lab lacks, then grades each of its answers and lists the verdicts. */
export function main(): Promise<void> {
  return runEntry(prove);
}

async function prove(argv: string[], context: Context): Promise<ExitCode> {
  const { workbook } = openCourse(context);
  const [word, ...more] = argv;
  if (!word || more.length > 0) return complain(context, 'One lab is needed: npm run prove -- day2.4');
  const found = findLab(workbook, word);
  if (!found.ok) return complain(context, found.problem);
  const lab = found.found;
  updateLists(workbook, context);
  const omissions = omissionsOf(lab);
  for (const omission of omissions) say(context, `${context.style.paint('red', 'missing')}  ${omission}`);
  // vitest looks at the terminal by rules of its own.
  const plain = context.style.colours ? {} : { NO_COLOR: '1' };
  const env = { ...context.env, ...plain, WORKBOOK_LAB: lab.key };
  const proof = ['run', '--project', 'workbook', '--reporter', 'verbose', '--hideSkippedTests'];
  const code = await runVitest([...proof, 'test/course/one-lab', 'test/course/coverage'], context, env);
  const things = omissions.length === 1 ? 'one thing' : `${omissions.length} things`;
  if (omissions.length > 0) say(context, `${lab.id} lacks ${things}, listed at the top.`);
  else if (code === 0) say(context, `${lab.id} is whole, and each of its answers fares as it should.`);
  return code === 0 && omissions.length > 0 ? 1 : code;
}

/** Writes what can be generated: the tables and counts of labs. */
export function updateLists(workbook: Workbook, context: Context): void {
  for (const { path, text } of outdatedLists(workbook)) {
    writeFileSync(join(context.root, path), text);
    say(context, `updated ${path}`);
  }
}
