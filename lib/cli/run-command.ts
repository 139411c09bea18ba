import { findDay, findLab, findLabs } from '../workbook/find.ts';
import { nextLab } from '../workbook/status.ts';
import { allLabs, type Lab } from '../workbook/workbook.ts';
import { benchmark } from './commands/benchmark.ts';
import { check } from './commands/check.ts';
import { compare } from './commands/compare.ts';
import { dashboard } from './commands/dashboard.ts';
import { doctor } from './commands/doctor.ts';
import { grade } from './commands/grade.ts';
import { hint } from './commands/hint.ts';
import { list } from './commands/list.ts';
import { menu } from './commands/menu.ts';
import { open } from './commands/open.ts';
import { quiz } from './commands/quiz.ts';
import { reset } from './commands/reset.ts';
import { run } from './commands/run.ts';
import { solution } from './commands/solution.ts';
import { update } from './commands/update.ts';
import { watch } from './commands/watch.ts';
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
  if (command.name === 'doctor') return doctor(context);
  if (command.name === 'dashboard') return dashboard(context, command);
  if (command.name === 'update') return update(context, command.from);
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
    case 'watch':
      return withLab(
        context,
        course,
        command.lab ?? nextLab(course.workbook, course.progress)?.id ?? '',
        (lab) => watchOrMenu(context, lab),
      );
    case 'quiz': {
      const day = findDay(course.workbook, command.day);
      return day.ok ? quiz(context, day.found) : complain(context, day.problem);
    }
    case 'benchmark': {
      const labs = command.labs.length > 0 ? findLabs(course.workbook, command.labs) : undefined;
      if (labs && !labs.ok) return complain(context, labs.problem);
      return benchmark(context, course, labs?.found ?? allLabs(course.workbook), command);
    }
    case 'grade':
      return grade(context, course, command);
    case 'run':
      return withLab(context, course, command.lab, (lab) => run(context, lab, command));
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

/** The key `l` of watch mode leads to the menu. */
async function watchOrMenu(context: Context, lab: Lab): Promise<ExitCode> {
  const end = await watch(context, lab);
  return end === 'list' ? menu(context, openCourse(context), lab.dayId) : end;
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
