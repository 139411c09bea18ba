import { renderMarkdown } from '../../report/markdown.ts';
import type { Style } from '../../report/style.ts';
import { readHints } from '../../workbook/hints.ts';
import { labProgress, updateProgress } from '../../workbook/progress.ts';
import type { Lab } from '../../workbook/workbook.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

/** Shows the hints seen so far and one rung more. */
export function hint(context: Context, lab: Lab): ExitCode {
  const text = nextHint(context.root, lab, context.style);
  if (text === undefined) return complain(context, `${lab.id} has no hints.`);
  say(context, text);
  return 0;
}

/** The newest rung as text; counts it as seen. Undefined where the lab has no hints. */
export function nextHint(root: string, lab: Lab, style: Style): string | undefined {
  const rungs = readHints(lab);
  if (rungs.length === 0) return undefined;
  let seen = 0;
  updateProgress(root, (progress) => {
    const entry = labProgress(progress, lab.key);
    seen = Math.min(rungs.length, (entry.hints ?? 0) + 1);
    entry.hints = seen;
  });
  const rung = rungs[seen - 1];
  if (!rung) return undefined;
  const more =
    seen < rungs.length
      ? `Hint ${seen} of ${rungs.length}. Ask for a hint again to see the next.`
      : `Hint ${seen} of ${rungs.length}, the last. After an attempt: npm run lab -- solution ${lab.id}`;
  return [style.paint('bold', rung.title), renderMarkdown(rung.text, style), style.paint('dim', more)].join(
    '\n\n',
  );
}
