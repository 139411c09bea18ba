/**
 * The nearest-rank percentile: the smallest value that at least `p` percent of the values do not exceed.
 * `p` is from 0 to 100. NaN for no values.
 */
export function percentile(values: readonly number[], p: number): number {
  // A typed array sorts numbers by size without being told how, and several times faster.
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil((p / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
