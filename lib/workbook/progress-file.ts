import type { Progress } from './progress-model.ts';

/** What a progress file says. */
export interface ParsedProgress {
  /** Undefined when nothing of it can be used. */
  progress: Progress | undefined;
  /** What of it could not be read, as it is named in the file. */
  damaged: string[];
}

export const UNREADABLE: ParsedProgress = { progress: undefined, damaged: [] };

/** A file of a later version is treated as unreadable: it is kept aside whole rather than rewritten in part. */
export function parseProgress(text: string): ParsedProgress {
  let data: Partial<Progress> | null;
  try {
    data = JSON.parse(text.replace(/^\uFEFF/, '')) as Partial<Progress> | null;
  } catch {
    return UNREADABLE;
  }
  if (!isRecord(data) || data.version !== 1 || !isRecord(data.labs)) return UNREADABLE;
  const labs = sound(data.labs, LAB_FIELDS);
  const quizzes = sound(isRecord(data.quizzes) ? data.quizzes : {}, QUIZ_FIELDS);
  const reviews = sound(isRecord(data.reviews) ? data.reviews : {}, QUIZ_FIELDS);
  const { current, ...rest } = data;
  const progress = { ...rest, version: 1, labs: labs.kept, quizzes: quizzes.kept } as Progress;
  if (data.reviews !== undefined) progress.reviews = reviews.kept as Progress['reviews'];
  if (typeof current === 'string') progress.current = current;
  return {
    progress,
    damaged: [
      ...labs.dropped,
      ...quizzes.dropped.map(below('quizzes')),
      ...reviews.dropped.map(below('reviews')),
    ],
  };
}

const below = (part: string) => (key: string) => `${part}.${key}`;

// --- helpers -----------------------------------------------------------------------------------------------------

type Shape = Record<string, (value: unknown) => boolean>;

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0;

const LAB_FIELDS: Shape = {
  status: (value) => value === 'failing' || value === 'passed',
  ...{ passedHash: isText, passedAt: isText, lastHash: isText },
  ...{ attempts: isCount, hints: isCount, passedEdition: isCount, steps: isCount },
  ...{ solution: isRecord, measured: isMeasured, scores: Array.isArray },
};
const QUIZ_FIELDS: Shape = { right: isNumber, of: isNumber, at: isText };

/** The entries whose known fields have their types. */
function sound(
  entries: Record<string, unknown>,
  shape: Shape,
): { kept: Record<string, unknown>; dropped: string[] } {
  const isSound = (entry: unknown) =>
    isRecord(entry) &&
    Object.entries(shape).every(([name, holds]) => entry[name] === undefined || holds(entry[name]));
  const dropped = Object.keys(entries).filter((key) => !isSound(entries[key]));
  const kept = Object.fromEntries(Object.entries(entries).filter(([key]) => !dropped.includes(key)));
  return { kept, dropped };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMeasured(value: unknown): boolean {
  return isRecord(value) && Array.isArray(value.metrics) && value.metrics.every(isRecord);
}
