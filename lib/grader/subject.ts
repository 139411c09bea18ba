import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Progress } from '../workbook/progress.ts';
import { beforeFiles, solutionFiles } from '../workbook/starter.ts';
import { standing } from '../workbook/status.ts';
import { allLabs, type Lab, learnerFiles, specifier, type Workbook } from '../workbook/workbook.ts';

/** The code under check, file by file in the order of the lab's files. */
export interface Subject {
  /** yours, before, solution, or the path as it was given. */
  name: string;
  files: string[];
}

export type SubjectChoice = { ok: true; subject: Subject } | { ok: false; problem: string };

/** The files that a subject's name stands for in a lab. A path is a file, or a folder for a lab with several files. */
export function chooseSubject(lab: Lab, name: string, cwd: string): SubjectChoice {
  if (name === 'yours') return { ok: true, subject: { name, files: learnerFiles(lab) } };
  if (name === 'before') return { ok: true, subject: { name, files: beforeFiles(lab) } };
  if (name === 'solution') return { ok: true, subject: { name, files: solutionFiles(lab) } };
  const path = resolve(cwd, name);
  if (!existsSync(path)) {
    return {
      ok: false,
      problem: `There is no file ${name}. A subject is yours, before, solution or a path.`,
    };
  }
  if (statSync(path).isDirectory()) return { ok: true, subject: { name, files: inFolder(lab, path) } };
  return { ok: true, subject: { name, files: [path, ...learnerFiles(lab).slice(1)] } };
}

/**
 * What each `#days/…` import means while `lab` is graded with `subject`: the subject itself, and for other labs the
 * learner's file where that lab is passed, else the solution. The course's own answers only meet the course's own.
 */
export function importsFor(
  workbook: Workbook,
  progress: Progress,
  lab: Lab,
  subject: Subject,
): Record<string, string> {
  const imports: Record<string, string> = {};
  const mayUseYours = subject.name !== 'solution' && subject.name !== 'before';
  for (const other of allLabs(workbook)) {
    const { status, editedSince, earlierEdition } = standing(other, progress);
    const yours = mayUseYours && status === 'passed' && !editedSince && !earlierEdition;
    const files = other.key === lab.key ? subject.files : yours ? learnerFiles(other) : solutionFiles(other);
    other.files.forEach((file, index) => {
      const path = files[index];
      if (path !== undefined) imports[specifier(other, file)] = path;
    });
  }
  return imports;
}

function inFolder(lab: Lab, folder: string): string[] {
  return lab.files.map((file) => join(folder, basename(file)));
}
