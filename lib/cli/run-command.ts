import { findDay, findLab, findLabs } from '../workbook/find.ts';
import { nextLab } from '../workbook/status.ts';
import { allLabs, type Lab } from '../workbook/workbook.ts';
import { commands } from './commands.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { type Course, complain, openCourse } from './course.ts';
import type { Command } from './plan.ts';
import { openRunner } from './runner.ts';
import { helpText } from './usage.ts';

/** Does what the arguments asked for. */
export async function runCommand(command: Command, context: Context): Promise<ExitCode> {
  if (command.name === 'usage') return complain(context, command.problem);
  if (command.name === 'help') {
    say(context, helpText());
    return 0;
  }
  if (command.name === 'doctor') return commands.doctor(context);
  if (command.name === 'dashboard') return commands.dashboard(context, command);
  if (command.name === 'update') return commands.update(context, command.from);
  // It starts while the course is being read.
  const runner = command.name === 'check' ? openRunner(context) : undefined;
  runner?.warmUp();
  const course = openCourse(context);
  switch (command.name) {
    case 'menu':
      return commands.menu(context, course, command.day);
    case 'list':
      return commands.list(context, course, command.json);
    case 'check': {
      const labs = findLabs(course.workbook, command.labs);
      if (!labs.ok) return complain(context, labs.problem);
      return commands.check(context, course, labs.found, command, runner);
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
      return day.ok ? commands.quiz(context, day.found) : complain(context, day.problem);
    }
    case 'benchmark': {
      const labs = command.labs.length > 0 ? findLabs(course.workbook, command.labs) : undefined;
      if (labs && !labs.ok) return complain(context, labs.problem);
      return commands.benchmark(context, course, labs?.found ?? allLabs(course.workbook), command);
    }
    case 'report':
      return commands.report(context, course, command);
    case 'grade':
      return commands.grade(context, course, command);
    case 'run':
      return withLab(context, course, command.lab, (lab) => commands.run(context, lab, command));
    case 'compare':
      return withLab(context, course, command.lab, (lab) =>
        commands.compare(context, course, lab, command.seed),
      );
    case 'hint':
      return withLab(context, course, command.lab, (lab) => commands.hint(context, lab));
    case 'solution':
      return withLab(context, course, command.lab, (lab) => commands.solution(context, lab, command));
    case 'reset':
      return withLab(context, course, command.lab, (lab) => commands.reset(context, lab, command.undo));
    case 'open':
      return withLab(context, course, command.lab, (lab) => commands.open(context, lab));
  }
}

/** The key `l` of watch mode leads to the menu. */
async function watchOrMenu(context: Context, lab: Lab): Promise<ExitCode> {
  const end = await commands.watch(context, lab);
  return end === 'list' ? commands.menu(context, openCourse(context), lab.dayId) : end;
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
