import { applyPatch, FILE_HEADERS_ONLY, formatPatch, parsePatch, structuredPatch } from 'diff';

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
 * Applies a unified diff of `file` to the letter. The library reads and places hunks leniently, so what comes of it has to
 * give the same diff again. `firstLine` is the number of the diff's first line in its own file, so that a problem names
 * the line that a person will look for.
 */
export function applyStrictly(diff: string, source: string, file: string, firstLine = 1): Applied {
  const lines = diff.replace(/\n$/, '').split('\n');
  const refuse = (at: number, what: string, stale = false): Applied => {
    const found = lines[at] ? `there is "${lines[at]}"` : 'the patch ends';
    return { ok: false, stale, problem: `line ${firstLine + at} ${what}${stale ? '' : `, and ${found}`}` };
  };
  const heads = [`--- ${file}`, `+++ ${file}`, '@@ -'];
  const headless = heads.findIndex((head, at) => !lines[at]?.startsWith(head));
  if (headless >= 0)
    return refuse(headless, `should be "${heads[headless]}${headless === 2 ? '1,3 +1,3 @@' : ''}"`);
  const read = parsed(diff);
  if (typeof read === 'string')
    return refuse(Number(/line (\d+)/.exec(read)?.[1] ?? 1) - 1, `is wrong (${read})`);
  const misfit = firstMisfit(lines, source);
  if (misfit) return refuse(misfit.at, misfit.unfit, true);
  const text = applyPatch(source, diff, { fuzzFactor: 0, autoConvertLineEndings: false });
  const again = text === false ? '' : makePatch(file, source, text);
  if (text !== false && again === diff) return { ok: true, text };
  const wanted = again.split('\n');
  const at = text === false ? 2 : lines.findIndex((line, i) => line !== wanted[i]);
  return refuse(Math.max(at, 2), wanted[at] ? `should be "${wanted[at]}"` : 'should not be there');
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** What the library says is wrong with a diff. */
function parsed(diff: string): true | string {
  try {
    parsePatch(diff);
    return true;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first line of a hunk that is not, in the source, where the hunk says. */
function firstMisfit(lines: readonly string[], source: string): { at: number; unfit: string } | undefined {
  const old = source.replace(/\n$/, '').split('\n');
  let line = 0;
  for (const [at, text] of lines.entries()) {
    const begins = /^@@ -(\d+)/.exec(text)?.[1];
    if (begins) line = Number(begins) - 1;
    else if (at >= 2 && /^[ -]/.test(text)) {
      const there =
        old[line] === undefined
          ? `the file ends at line ${old.length}`
          : `line ${line + 1} is "${old[line]}"`;
      if (old[line] !== text.slice(1)) return { at, unfit: `expects "${text.slice(1)}", but ${there}` };
      line += 1;
    }
  }
  return undefined;
}
