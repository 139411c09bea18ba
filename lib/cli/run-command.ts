import { findLab, findLabs } from '../workbook/find.ts';
import type { Lab } from '../workbook/workbook.ts';
import { check } from './commands/check.ts';
import { compare } from './commands/compare.ts';
import { hint } from './commands/hint.ts';
import { list } from './commands/list.ts';
import { menu } from './commands/menu.ts';
import { open } from './commands/open.ts';
import { reset } from './commands/reset.ts';
import { solution } from './commands/solution.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { type Course, complain, openCourse } from './course.ts';
import type { Command } from './plan.ts';
import { helpText } from './usage.ts';

/** Does what the arguments asked for. */
export async function runCommand(command: Command, context: Context): Promise<ExitCode> {
  if (command.name === 'usage') return complain(context, command.problem);
  if (command.name === 'help') {
    say(context, helpText());
    return 0;
  }
  const course = openCourse(context);
  switch (command.name) {
    case 'menu':
      return menu(context, course, command.day);
    case 'list':
      return list(context, course, command.json);
    case 'check': {
      const labs = findLabs(course.workbook, command.labs);
      if (!labs.ok) return complain(context, labs.problem);
      return check(context, course, labs.found, command);
    }
    case 'compare':
      return withLab(context, course, command.lab, (lab) => compare(context, course, lab, command.seed));
    case 'hint':
      return withLab(context, course, command.lab, (lab) => hint(context, lab));
    case 'solution':
      return withLab(context, course, command.lab, (lab) => solution(context, lab, command));
    case 'reset':
      return withLab(context, course, command.lab, (lab) => reset(context, lab, command.undo));
    case 'open':
      return withLab(context, course, command.lab, (lab) => open(context, lab));
  }
}

async function withLab(
  context: Context,
  course: Course,
  word: string,
  act: (lab: Lab) => Promise<ExitCode> | ExitCode,
): Promise<ExitCode> {
  const lab = findLab(course.workbook, word);
  return lab.ok ? act(lab.found) : complain(context, lab.problem);
}
