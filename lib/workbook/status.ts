import { labHash } from './files.ts';
import { type LabProgress, labProgress, type Progress } from './progress.ts';
import { allLabs, type Lab, type Workbook } from './workbook.ts';

export type LabStatus = 'todo' | 'failing' | 'passed';

export interface Standing {
  status: LabStatus;
  /** The file has changed since it passed. */
  editedSince: boolean;
}

export function standing(lab: Lab, progress: Progress): Standing {
  const { status, passedHash }: LabProgress = progress.labs[lab.key] ?? {};
  return { status: status ?? 'todo', editedSince: status === 'passed' && passedHash !== labHash(lab) };
}

/** The lab to work on next: the first that is not passed after the current one, else the first from the top. */
export function nextLab(workbook: Workbook, progress: Progress): Lab | undefined {
  const labs = allLabs(workbook);
  const isOpen = (lab: Lab) => standing(lab, progress).status !== 'passed';
  const at = labs.findIndex((lab) => lab.key === progress.current);
  return labs.slice(Math.max(at, 0)).find(isOpen) ?? labs.find(isOpen) ?? labs[0];
}

/** Records how the learner's file did. */
export function recordGrade(progress: Progress, lab: Lab, passed: boolean): void {
  const entry = labProgress(progress, lab.key);
  const hash = labHash(lab);
  progress.current = lab.key;
  if (hash !== entry.lastHash) entry.attempts = (entry.attempts ?? 0) + 1;
  entry.lastHash = hash;
  entry.status = passed ? 'passed' : 'failing';
  if (passed) {
    entry.passedHash = hash;
    entry.passedAt = new Date().toISOString();
  }
}
