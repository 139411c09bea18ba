import { readHints } from './hints.ts';
import { measuredOf } from './measured.ts';
import type { Progress, Score } from './progress.ts';
import type { Answers } from './progress-model.ts';
import type { RunRecord } from './runs.ts';
import { bestOf, type PersonalBest, scoresOf } from './scores.ts';
import { standing } from './status.ts';
import { type Advice, adviceFor } from './week-advice.ts';
import { type CapstoneFigures, capstoneOf, readCapstone } from './week-capstone.ts';
import { type Certificate, certificateFor } from './week-certificate.ts';
import type { WeekLab } from './week-lab.ts';
import type { Reflection } from './week-reflection.ts';
import { type Lab, shownFile, type Workbook } from './workbook.ts';

/** The week as it stands: what was measured, tried, asked and written. */
export interface Week {
  workbookVersion: string;
  /** When this was put together, in ISO 8601. */
  at: string;
  days: WeekDay[];
  /** Undefined until the capstone has passed. */
  capstone: CapstoneFigures | undefined;
  /** What leads to the figures that are not there yet. */
  next: string | undefined;
  /** Null until the capstone has passed. */
  recommendations: Advice[] | null;
  personalBest: WeekBest | null;
  deliverables: Deliverable[];
  reflection: Reflection[];
  certificate: Certificate;
}

export interface WeekDay {
  id: string;
  title: string;
  labs: WeekLab[];
  /** Null in a day without questions; `right` is null before they were answered. */
  quiz: { right: number | null; of: number | null; at: string | null } | null;
  /** The last round of reviews; null before the first. */
  review: Answers | null;
}

export interface WeekBest extends PersonalBest {
  seed: number;
  /** When the best was reached. */
  at: string;
  /** All answers that passed, on the same seed, oldest first. */
  attempts: { at: string; score: number }[];
}

export interface Deliverable {
  what: string;
  done: boolean;
  /** Where it is, or what is missing. */
  where: string;
}

export interface WeekSources {
  workbook: Workbook;
  progress: Progress;
  records: readonly RunRecord[];
  reflection: Reflection[];
  workbookVersion: string;
  at: Date;
}

export function gatherWeek(sources: WeekSources): Week {
  const { workbook, progress, records, reflection, workbookVersion, at } = sources;
  const days = workbook.days.map((day): WeekDay => {
    const score = progress.quizzes[day.slug];
    const quiz = { right: score?.right ?? null, of: score?.of ?? null, at: score?.at ?? null };
    const labs = day.labs.map((lab) => weekLab(lab, progress, records));
    return {
      id: day.id,
      title: day.title,
      labs,
      quiz: day.quizFile ? quiz : null,
      review: progress.reviews?.[day.slug] ?? null,
    };
  });
  const lab = capstoneOf(workbook);
  const measured = lab && measuredOf(progress, lab, records);
  const capstone = measured?.passed ? readCapstone(measured) : undefined;
  const labs = days.flatMap((day) => day.labs);
  return {
    ...{ workbookVersion, at: at.toISOString(), days, capstone, reflection },
    next: capstone ? undefined : nextStep(lab, labs),
    recommendations: capstone ? adviceFor(capstone, labs, costTrend(records, lab)) : null,
    personalBest: lab ? personalBest(scoresOf(progress, lab.key)) : null,
    deliverables: deliverables(lab, labs, capstone),
    certificate: certificateFor(labs, lab?.key),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

function weekLab(lab: Lab, progress: Progress, records: readonly RunRecord[]): WeekLab {
  const { id, key, title, lane } = lab;
  const { attempts = 0, hints = 0, solution = null } = progress.labs[key] ?? {};
  const measured = measuredOf(progress, lab, records);
  return {
    ...{ id, key, title, lane, attempts, solution, ...standing(lab, progress) },
    hints: { seen: hints, of: readHints(lab).length },
    measured: measured
      ? { at: measured.at, seed: measured.seed, passed: measured.passed, metrics: measured.metrics }
      : null,
  };
}

function nextStep(lab: Lab | undefined, labs: readonly WeekLab[]): string {
  const open = labs.find(({ status, key }) => status !== 'passed' && key !== lab?.key);
  if (!lab) return 'This workbook has no capstone, and the week is measured there.';
  const first = open ? ` The next lab before it is ${open.id}.` : '';
  return `The week is measured in the capstone: edit ${shownFile(lab)}, then run npm run lab -- check ${lab.id}.${first}`;
}

/** The latest score, and the best on its seed. */
function personalBest(scores: readonly Score[]): WeekBest | null {
  const latest = scores.at(-1);
  const best = latest && bestOf(scores, latest.seed);
  if (!best) return null;
  const attempts = scores.flatMap(({ seed, at, score }) => (seed === best.seed ? [{ at, score }] : []));
  return { ...best, score: latest.score, best: best.score, attempts };
}

/** By what share the cost of the learner's day grew from one attempt to the next. */
function costTrend(records: readonly RunRecord[], lab: Lab | undefined): number | null {
  const costs = records
    .filter((each) => each.lab === lab?.id && each.subject === 'yours' && each.command === 'check')
    .flatMap(({ metrics }) => metrics.find(({ name }) => name === 'total cost')?.yours ?? []);
  const [before, now] = costs.slice(-2);
  return before && now !== undefined ? now / before - 1 : null;
}

/** What the week is to leave behind. */
function deliverables(
  lab: Lab | undefined,
  labs: readonly WeekLab[],
  capstone: CapstoneFigures | undefined,
): Deliverable[] {
  const compared = labs.filter(
    ({ measured, status }) => status === 'passed' && measured?.metrics.some(({ before }) => before !== null),
  ).length;
  const node = labs.filter(({ key }) => key.startsWith('day5-') && key !== lab?.key);
  const ported = node.filter(({ status }) => status === 'passed').length;
  const missing = lab ? `${lab.id} has not passed yet` : 'there is no capstone here';
  const done = capstone !== undefined;
  return [
    { what: 'Optimised system', done, where: done && lab ? shownFile(lab) : missing },
    { what: 'Performance metrics', done, where: done ? 'in the results of this report' : missing },
    {
      what: 'Before/after comparison',
      done: compared > 0,
      where: compared > 0 ? `figures of ${compared} of ${labs.length} labs` : 'no lab was checked yet',
    },
    {
      what: 'Node.js implementation (optional)',
      done: node.length > 0 && ported === node.length,
      where: `${ported} of ${node.length} labs of day 5`,
    },
  ];
}
