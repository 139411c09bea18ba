import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';

/** A diff that is `stale` is sound and does not fit: what it was made of has changed. */
export type Applied = { ok: true; text: string } | { ok: false; problem: string; stale: boolean };

/** Lines around a change, as a mistake is kept and as it is shown. */
const KEPT = 1;
export const SHOWN = 5;

/** A unified diff that turns `before` into `after`, with so many lines around. Both sides have the one name. */
export function makePatch(file: string, before: string, after: string, context = KEPT): string {
  const patch = structuredPatch(file, file, before, after, undefined, undefined, { context });
  return patch.hunks.length === 0 ? '' : formatPatch(patch, FILE_HEADERS_ONLY);
}

/**
 * Applies a unified diff of `file` to the letter, which no library does: each hunk where it says, in their order, and
 * nothing besides. `firstLine` is the number of the diff's first line in its own file, so that a problem names the line
 * that a person will look for.
 */
export function applyStrictly(diff: string, source: string, file: string, firstLine = 1): Applied {
  const lines = diff.split('\n').slice(0, diff.endsWith('\n') || diff === '' ? -1 : undefined);
  const hunks = readHunks(lines, file);
  const result = Array.isArray(hunks) ? applyHunks(hunks, source, file) : hunks;
  if (typeof result === 'string') return { ok: true, text: result };
  const found = lines[result.at] === undefined ? 'the patch ends' : `there is "${lines[result.at]}"`;
  const what = 'wanted' in result ? `should be ${result.wanted}, and ${found}` : result.unfit;
  return { ok: false, stale: 'unfit' in result, problem: `line ${firstLine + result.at} ${what}` };
}

// --- reading -----------------------------------------------------------------------------------------------------

interface Hunk {
  /** Index of its first line in the diff. */
  at: number;
  /** What its first line says: first line and number of lines, before and after. */
  says: readonly number[];
  lines: { at: number; sign: string; piece: string }[];
}

/** A line of the diff that is not what it should be, or that does not fit the source. */
type Fault = { at: number; wanted: string } | { at: number; unfit: string };

const FIRST_LINE = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const NO_LINE_END = '\\ No newline at end of file';

function readHunks(lines: readonly string[], file: string): Hunk[] | Fault {
  for (const [at, name] of [`--- ${file}`, `+++ ${file}`].entries())
    if (lines[at] !== name) return { at, wanted: `"${name}"` };
  if (!FIRST_LINE.test(lines[2] ?? '')) return { at: 2, wanted: 'a hunk such as "@@ -1,5 +1,6 @@"' };
  const hunks: Hunk[] = [];
  for (let at = 2; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    const isLast = lines[at + 1] === NO_LINE_END;
    const says = FIRST_LINE.exec(line)?.slice(1);
    if (says) hunks.push({ at, says: says.map((number) => Number(number ?? 1)), lines: [] });
    else if (!/^[ +-]/.test(line)) return { at, wanted: 'a line of a hunk, another hunk, or left out' };
    else hunks.at(-1)?.lines.push({ at, sign: line.charAt(0), piece: line.slice(1) + (isLast ? '' : '\n') });
    if (!says && isLast) at += 1;
  }
  for (const { at, says, lines } of hunks) {
    const [before, after] = ['+', '-'].map((other) => lines.filter(({ sign }) => sign !== other).length);
    if (says[1] !== before || says[3] !== after)
      return { at, wanted: `"@@ -${says[0]},${before} +${says[2]},${after} @@"` };
  }
  return hunks;
}

// --- applying ----------------------------------------------------------------------------------------------------

function applyHunks(hunks: readonly Hunk[], source: string, file: string): string | Fault {
  const old = source.split(/(?<=\n)/).filter(Boolean);
  const made: string[] = [];
  let taken = 0;
  for (const { at, says, lines } of hunks) {
    const [from = 0, before, to, after] = says;
    const start = from - (before === 0 ? 0 : 1);
    if (start < taken) return { at, wanted: `a hunk that begins after line ${taken} of ${file}` };
    if (start > old.length) return { at, unfit: `begins at line ${from}, but ${there(old, start)}` };
    made.push(...old.slice(taken, start));
    taken = start;
    const begins = made.length + (after === 0 ? 0 : 1);
    if (to !== begins) return { at, wanted: `"@@ -${from},${before} +${begins},${after} @@"` };
    for (const { at, sign, piece } of lines) {
      if (sign !== '+' && old[taken] !== piece)
        return { at, unfit: `expects ${shown(piece)}, but ${there(old, taken)}` };
      if (sign !== '+') taken += 1;
      if (sign !== '-') made.push(piece);
    }
  }
  made.push(...old.slice(taken));
  const text = made.join('');
  if (text === source) return { at: 2, wanted: 'a hunk that changes something' };
  const all = hunks.flatMap(({ lines }) => lines);
  const last = all.find(({ sign, piece }) => sign !== '-' && !piece.endsWith('\n')) ?? all.at(-1);
  if (last && made.slice(0, -1).some((piece) => !piece.endsWith('\n')))
    return { at: last.at + 1, wanted: 'left out: the file goes on, or its last line has no end' };
  return text;
}

function there(pieces: readonly string[], line: number): string {
  const piece = pieces[line];
  return piece === undefined
    ? `the file ends at line ${pieces.length}`
    : `line ${line + 1} is ${shown(piece)}`;
}

function shown(piece: string): string {
  return piece.endsWith('\n') ? `"${piece.slice(0, -1)}"` : `"${piece}" without a line end`;
}
