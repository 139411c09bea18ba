import { applyPatch, FILE_HEADERS_ONLY, formatPatch, parsePatch, structuredPatch } from 'diff';

export type Applied = { ok: true; text: string } | { ok: false; problem: string };

/** Lines around a change, as a mistake is kept and as it is shown. */
const KEPT = 2;
export const SHOWN = 5;

/** A unified diff that turns `before` into `after`, with so many lines around. Both sides have the one name. */
export function makePatch(file: string, before: string, after: string, context = KEPT): string {
  const patch = structuredPatch(file, file, before, after, undefined, undefined, { context });
  return patch.hunks.length === 0 ? '' : formatPatch(patch, FILE_HEADERS_ONLY);
}

/**
 * Applies a unified diff, strictly: each line that it shows must stand where it says. `firstLine` is the number of the
 * diff's first line in its own file, so that a problem names the line that a person will look for.
 */
export function applyStrictly(diff: string, source: string, firstLine = 1): Applied {
  const parsed = parsed1(diff);
  if ('problem' in parsed) return { ok: false, problem: parsed.problem };
  const lines = source.split('\n');
  let at = firstLine + 2;
  for (const hunk of parsed.hunks) {
    at += 1;
    let line = hunk.oldStart - 1;
    for (const text of hunk.lines) {
      if (text.startsWith(' ') || text.startsWith('-')) {
        if (lines[line] !== text.slice(1))
          return { ok: false, problem: mismatch(at, text.slice(1), line, lines) };
        line += 1;
      }
      at += 1;
    }
  }
  const text = applyPatch(source, diff, { fuzzFactor: 0, autoConvertLineEndings: false });
  return text === false ? { ok: false, problem: 'its hunks do not fit together' } : { ok: true, text };
}

type Hunk = ReturnType<typeof parsePatch>[number]['hunks'][number];

function parsed1(diff: string): { hunks: Hunk[] } | { problem: string } {
  try {
    const [patch, ...more] = parsePatch(diff);
    if (!patch || patch.hunks.length === 0) return { problem: 'it holds no change' };
    if (more.length > 0) return { problem: 'it changes more than one file' };
    return patch;
  } catch (error) {
    return { problem: `it is no unified diff: ${(error as Error).message}` };
  }
}

function mismatch(at: number, expected: string, line: number, lines: readonly string[]): string {
  const found = lines[line];
  const there =
    found === undefined ? `the file ends at line ${lines.length}` : `line ${line + 1} is "${found}"`;
  return `line ${at} expects "${expected}", but ${there}`;
}
