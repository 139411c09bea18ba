import { relative } from 'node:path';
import { gradeLab } from '../grader/grade.ts';
import { findLab } from '../workbook/find.ts';
import { openMistake, putMistake } from '../workbook/mistake-desk.ts';
import { MISTAKE_NAME, MistakeProblem, materialise, readMistake } from '../workbook/mistakes.ts';
import type { Lab } from '../workbook/workbook.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { complain, openCourse } from './course.ts';
import { chooseEditor, openInEditor } from './editor.ts';
import { type Rebased, rebaseMistakes } from './rebase-mistakes.ts';
import { openRunner } from './runner.ts';

/** `npm run mistake`: the author's tools for the mistakes that the course keeps. */
export function main(): Promise<void> {
  return runEntry(mistake);
}

const USED_AS = `It is used as:
  npm run mistake -- open day2.4 slides     lays a mistake open as a whole file, a new one as the solution
  npm run mistake -- save day2.4 slides     takes it back as a patch, and grades it
  npm run mistake -- rebase day2.4          after a change of the solution: brings the patches up to date
To prove all of a lab: npm run prove -- day2.4`;

/** Opens, saves or rebases mistakes of a lab. */
export async function mistake(argv: string[], context: Context): Promise<ExitCode> {
  const [act = '', word = '', name = '', ...rest] = argv;
  const isKnown = act === 'rebase' ? word && !name : ['open', 'save'].includes(act) && name;
  if (!isKnown || rest.length > 0) return complain(context, USED_AS);
  if (act !== 'rebase' && !MISTAKE_NAME.test(name))
    return complain(context, `"${name}" cannot be a name: small letters, digits, hyphens and dots only.`);
  const found = findLab(openCourse(context).workbook, word);
  if (!found.ok) return complain(context, found.problem);
  try {
    if (act === 'open') return await open(found.found, name, context);
    if (act === 'save') return await save(found.found, name, context);
    return rebase(found.found, context);
  } catch (error) {
    if (error instanceof MistakeProblem) return complain(context, error.message);
    throw error;
  }
}

async function open(lab: Lab, name: string, context: Context): Promise<ExitCode> {
  const opened = openMistake(context.root, lab, name);
  if (!opened.ok) return complain(context, `${opened.problem}.`);
  say(context, `${shown(context, opened.path)}\nWhen it is done: npm run mistake -- save ${lab.id} ${name}`);
  const editor = chooseEditor(context.env);
  const problem = editor && context.stdout.isTTY ? await openInEditor(editor, [opened.path]) : undefined;
  return problem ? complain(context, problem) : 0;
}

/** What is not rejected as it says is not kept: lab and desk are then as they were. */
async function save(lab: Lab, name: string, context: Context): Promise<ExitCode> {
  const taken = putMistake(context.root, lab, name);
  if (!taken.ok) return complain(context, taken.problem);
  const { file, changedLines, keep, takeOut } = taken.put;
  let undo: typeof takeOut | undefined = takeOut;
  // Called at the end as well, and when the grading is interrupted.
  context.onStop(() => undo?.());
  const mistake = readMistake(lab, file);
  const runner = openRunner(context);
  const { workbook, progress } = openCourse(context);
  const subject = materialise(context.root, lab, mistake);
  const verdict = await gradeLab(runner, lab, { workbook, progress, subject, quick: true });
  runner.close();
  const first = verdict.checks.find(({ status }) => status === 'fail');
  const notSaved = `${name} is not saved, and lies on the desk as before.`;
  if (!first)
    return complain(context, `No check rejects it: ${verdict.message ?? 'it passes them all'}. ${notSaved}`);
  if (first.name !== mistake.rejectedBy) {
    const said = `Its header says that "${mistake.rejectedBy}" rejects it first`;
    return complain(context, `${said}, and "${first.name}" does:\n  ${first.message}\n${notSaved}`);
  }
  undo = undefined;
  keep();
  say(context, `saved ${shown(context, file)}: ${changedLines} lines are different.`);
  say(context, `It is rejected first by "${first.name}", as its header says:\n  ${first.message}`);
  return 0;
}

function rebase(lab: Lab, context: Context): ExitCode {
  const all = rebaseMistakes(context.root, lab);
  const fitting = all.filter(({ what }) => what === 'fits').length;
  say(context, `${fitting} of ${all.length} patches of ${lab.id} fit as they are.`);
  for (const each of all.filter(({ what }) => what !== 'fits')) say(context, inWords(each, lab, context));
  return all.every(({ what }) => what === 'fits' || what === 'rebased') ? 0 : 1;
}

function inWords(each: Rebased, lab: Lab, context: Context): string {
  if (each.what === 'conflict') {
    const where = shown(context, each.opened);
    const then = `npm run mistake -- save ${lab.id} ${each.name}`;
    return `${each.name} is in conflict. Mend it in ${where}, then: ${then}\n${each.lines.join('\n')}`;
  }
  if (each.what === 'lost') return `${each.name} cannot be brought up to date: ${each.problem}.`;
  if (each.what === 'taken in')
    return `${each.name} changes nothing any more: the file has become what it was. Remove it, or write it anew.`;
  return `${each.name} is brought up to date.`;
}

function shown({ root }: Context, path: string): string {
  return relative(root, path).replaceAll('\\', '/');
}
