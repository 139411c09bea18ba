import type { CallSpan, Metric, PlayTrace } from '../check/session.ts';
import { inWords } from '../provider/metrics.ts';
import type { Style } from './style.ts';
import { wrap } from './text.ts';

/**
 * How many calls were under way at each moment of the play that the figures are taken from (the longest, where there
 * are several); empty where the lab measures no time or there is nothing to see.
 */
export function timeline(plays: readonly PlayTrace[], metrics: readonly Metric[], style: Style): string[] {
  const measuresTime = metrics.some(({ unit }) => unit === 'ms' || unit === 's');
  const busy = plays.filter(({ calls }) => calls.length > 1);
  const measured = busy.filter((play) => play.measured);
  const [shown] = (measured.length > 0 ? measured : busy).sort((a, b) => b.virtualMs - a.virtualMs);
  if (!measuresTime || !shown) return [];
  const { calls, virtualMs, totals } = shown;
  const endMs = Math.max(virtualMs, ...calls.map((call) => call.endMs));
  const width = Math.min(60, style.width - 6);
  // Of a long play evenly chosen calls are drawn; what is said is of all.
  const counts = underWay(calls, endMs, width);
  const peak = Math.max(...counts);
  const head =
    `${totals?.calls ?? calls.length} calls over ${inWords(endMs, 'ms')}, at most ${totals?.peak ?? peak} under way ` +
    `at one time${lost(shown)}`;
  if (style.plain) return [`${head}.`];
  const end = inWords(endMs, 'ms');
  return [
    ...wrap(`${head}:`, style.width - 2).split('\n'),
    style.paint('cyan', counts.map((count) => bar(count, peak)).join('')),
    style.paint('dim', `0 s${end.padStart(width - 3)}`),
  ];
}

// --- helpers -----------------------------------------------------------------------------------------------------

const HEIGHTS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** The most calls under way at one time in each of `columns` equal slices of the play. */
function underWay(calls: readonly CallSpan[], endMs: number, columns: number): number[] {
  const slice = endMs / columns || 1;
  return Array.from({ length: columns }, (_, at) => {
    const during = calls.filter((call) => call.startMs < (at + 1) * slice && call.endMs > at * slice);
    // The peak inside a slice is reached at the start of one of its calls, or at the start of the slice.
    const moments = [at * slice, ...during.map((call) => Math.max(call.startMs, at * slice))];
    return Math.max(
      0,
      ...moments.map((ms) => during.filter((call) => call.startMs <= ms && call.endMs > ms).length),
    );
  });
}

function bar(count: number, peak: number): string {
  if (count === 0) return ' ';
  return HEIGHTS[Math.ceil((count / peak) * HEIGHTS.length) - 1] ?? '█';
}

function lost({ calls, totals }: PlayTrace): string {
  const failed =
    totals?.answered === undefined
      ? calls.filter(({ outcome }) => outcome !== 'answered').length
      : totals.calls - totals.answered;
  return failed === 0 ? '' : ` (${failed} without an answer)`;
}
