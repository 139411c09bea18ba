import { join } from 'node:path';
import { inWords } from '../../lib/provider/metrics.ts';
import type { Day } from '../../lib/workbook/workbook.ts';
import { gradeHere } from './grade-here.ts';

/** The seed whose figures lessons print. */
const SEED = 1;

const graded = new Map<string, ReturnType<typeof gradeHere>>();

/** One figure of a lab for a subject, in words, from the lab's own check. Each subject is graded once. */
export async function figureOf(day: Day, slug: string, subject: string, metric: string): Promise<string> {
  const lab = day.labs.find((it) => it.slug === slug);
  if (!lab) throw new Error(`${day.id} has no lab "${slug}".`);
  const path = join(lab.solutionDir, subject);
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
