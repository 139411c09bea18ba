import { basename, dirname, join, resolve } from 'node:path';
import { inWords } from '../../lib/provider/metrics.ts';
import { materialise, readMistakes } from '../../lib/workbook/mistakes.ts';
import type { Day, Lab } from '../../lib/workbook/workbook.ts';
import { gradeHere } from './grade-here.ts';

/** The seed whose figures lessons print. */
const SEED = 1;

const graded = new Map<string, ReturnType<typeof gradeHere>>();

/** One figure of a lab for a subject, in words, from the lab's own check. Each subject is graded once. */
export async function figureOf(day: Day, slug: string, subject: string, metric: string): Promise<string> {
  const lab = day.labs.find((it) => it.slug === slug);
  if (!lab) throw new Error(`${day.id} has no lab "${slug}".`);
  const path = pathOf(lab, subject);
  const known = graded.get(path) ?? gradeHere(lab.checkFile, path, SEED);
  graded.set(path, known);
  const { metrics } = await known;
  const found = metrics.get(metric);
  if (!found)
    throw new Error(
      `${slug} has no figure "${metric}" for ${subject}; it has ${[...metrics.keys()].join(', ')}.`,
    );
  return inWords(found.yours, found.unit);
}

function pathOf(lab: Lab, subject: string): string {
  if (dirname(subject) !== 'mistakes') return join(lab.solutionDir, subject);
  const mistake = readMistakes(lab).find(({ name }) => name === basename(subject));
  if (!mistake) throw new Error(`${lab.id} has no mistake "${basename(subject)}".`);
  return materialise(resolve('.'), lab, mistake);
}
