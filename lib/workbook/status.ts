import { labHash } from './files.ts';
import { type LabProgress, labProgress, type Progress, updateProgress } from './progress.ts';
import { workbookEdition } from './version.ts';
import { allLabs, type Lab, type Workbook } from './workbook.ts';

export type LabStatus = 'todo' | 'failing' | 'passed';

export interface Standing {
  status: LabStatus;
  /** It passed and has not been graded since, but the file has changed. */
  editedSince: boolean;
  /** It fails now, and another version of the file has passed. */
  passedBefore: boolean;
  /** It passed what an earlier edition asked. Today's checks have not seen it, or ask more of it. */
  earlierEdition: boolean;
  /** Of a lab with steps that is not passed: "step 1 of 3 done". */
  steps?: { done: number; of: number };
}

/** How a lab stands. The version that passed is remembered: whoever puts it back has passed, without another check. */
export function standing(lab: Lab, progress: Progress): Standing {
  const { status, passedHash, passedAt, steps = 0 }: LabProgress = progress.labs[lab.key] ?? {};
  const earlierEdition = passedAt !== undefined && isEarlier(progress.labs[lab.key]);
  if (passedHash !== undefined && passedHash === labHash(lab))
    return { status: 'passed', editedSince: false, passedBefore: false, earlierEdition };
  const passed = status === 'passed';
  return {
    status: status ?? 'todo',
    editedSince: passed,
    passedBefore: !passed && passedAt !== undefined,
    earlierEdition: passed && earlierEdition,
    ...(!passed && steps > 0 && { steps: { done: steps, of: lab.steps.length } }),
  };
}

/** The lab to work on next: the first that is not passed after the current one, else the first from the top. */
export function nextLab(workbook: Workbook, progress: Progress): Lab | undefined {
  const labs = allLabs(workbook);
  const isOpen = (lab: Lab) => standing(lab, progress).status !== 'passed';
  const at = labs.findIndex((lab) => lab.key === progress.current);
  return labs.slice(Math.max(at, 0)).find(isOpen) ?? labs.find(isOpen) ?? labs[0];
}

/** Remembers which lab is being worked on, so that the menu opens there next time. */
export function makeCurrent(root: string, lab: Lab): void {
  updateProgress(root, (progress) => {
    progress.current = lab.key;
  });
}

/**
 * Records how the learner's file did. `hash` is of what was graded: it may have been saved again since. `steps` is how many
 * of the lab's steps were done.
 */
export function recordGrade(
  progress: Progress,
  lab: Lab,
  passed: boolean,
  { hash = labHash(lab), steps = 0 }: { hash?: string; steps?: number } = {},
): void {
  const entry = labProgress(progress, lab.key);
  if (steps > (entry.steps ?? 0)) entry.steps = steps;
  progress.current = lab.key;
  if (hash !== entry.lastHash) entry.attempts = (entry.attempts ?? 0) + 1;
  entry.lastHash = hash;
  // What passed an earlier edition has passed, whatever this one asks besides.
  if (!passed && entry.passedHash !== undefined && entry.passedHash === hash && isEarlier(entry)) return;
  entry.status = passed ? 'passed' : 'failing';
  if (passed) {
    entry.passedHash = hash;
    entry.passedAt = new Date().toISOString();
    entry.passedEdition = workbookEdition();
  } else if (entry.passedHash === hash) {
    // The same file passed once: since then the course has changed, or the seed is another.
    delete entry.passedHash;
  }
}

function isEarlier(entry: LabProgress = {}): boolean {
  return (entry.passedEdition ?? 1) < workbookEdition();
}
