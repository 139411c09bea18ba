import type { Metric } from '../check/session.ts';
import { inWords } from '../provider/metrics.ts';
import type { Style } from './style.ts';
import { columns } from './text.ts';

/** Before, yours, solution, target and limit of every figure. */
export function compareTable(yours: readonly Metric[], solution: readonly Metric[], style: Style): string[] {
  const head = ['', 'before', 'yours', 'solution', 'target', 'limit'].map((title) =>
    style.paint('dim', title),
  );
  const rows = solution.map(({ name, unit, before, yours: reference, target, limit }) => {
    const words = (value: number | null | undefined) =>
      value === null || value === undefined ? '-' : inWords(value, unit);
    const own = yours.find((metric) => metric.name === name)?.yours;
    return [name, words(before), words(own), words(reference), words(target), words(limit)];
  });
  return columns([head, ...rows], [false, true, true, true, true, true]).map((line) => `  ${line}`);
}
