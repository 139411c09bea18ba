import type { Verdict } from '../workbook/verdict.ts';
import { type Lab, shownFile } from '../workbook/workbook.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';
import { verdictScreen } from './verdict-screen.ts';

export interface WatchFrame {
  lab: Lab;
  root: string;
  checking: boolean;
  polling: boolean;
  verdict: Verdict | undefined;
  tookMs: number | undefined;
  extra: string | undefined;
  /** "2 of 7 passed". */
  progress: string;
}

/** One frame of watch mode: the verdict, what was asked for, and the keys last, so that they are always in sight. */
export function watchScreen(frame: WatchFrame, style: Style): string {
  const { lab, verdict, checking, extra } = frame;
  const parts: string[] = [];
  if (verdict) parts.push(verdictScreen(verdict, lab, frame.root, style));
  else parts.push(style.paint('bold', `${lab.id} ${lab.title}`));
  if (extra && !checking) parts.push(extra);
  if (frame.polling)
    parts.push(
      wrap(
        'Saves are not reported here, so the file is looked at once a second. c checks at once.',
        style.width,
      ),
    );
  parts.push(statusLine(frame, style));
  if (!checking) parts.push(keyLine(verdict, style));
  return parts.join('\n\n');
}

function statusLine({ lab, checking, tookMs, progress }: WatchFrame, style: Style): string {
  if (checking) return style.paint('yellow', `Checking ${lab.id}, please wait`);
  const time = tookMs === undefined ? '' : ` · verdict after ${(tookMs / 1000).toFixed(2)} s`;
  const text = `${shownFile(lab)} · ${progress}${time} · save the file to check it again`;
  return style.paint('dim', wrap(text, style.width));
}

function keyLine(verdict: Verdict | undefined, style: Style): string {
  const next = verdict?.status === 'passed' ? [style.paint('bold', 'n next lab')] : [];
  return [...next, 'h hint', 's solution', 'r run', 'c check again', 'l list', 'q quit'].join('  ');
}
