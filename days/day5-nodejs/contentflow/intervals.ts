/** Where a figure lies with a confidence of 95 %. */
export interface Interval {
  low: number;
  high: number;
}

const Z95 = 1.96;

/** Of a share: so many of `n` (Wilson). */
export function ofShare(count: number, n: number): Interval {
  const p = count / n;
  const middle = p + Z95 ** 2 / (2 * n);
  const reach = Z95 * Math.sqrt((p * (1 - p)) / n + (Z95 / (2 * n)) ** 2);
  const part = 1 + Z95 ** 2 / n;
  return { low: Math.max(0, (middle - reach) / part), high: Math.min(1, (middle + reach) / part) };
}

/** Of a mean. */
export function ofMean(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const reach = Z95 * Math.sqrt(squares / (n - 1) / n);
  return { low: mean - reach, high: mean + reach };
}

/** Of a percentile: between the values that many ranks below and above it, by the binomial distribution. */
export function ofPercentile(values: readonly number[], p: number): Interval {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  const share = p / 100;
  const reach = Z95 * Math.sqrt(n * share * (1 - share));
  const at = (rank: number) => sorted[Math.min(n - 1, Math.max(0, Math.round(rank) - 1))] ?? Number.NaN;
  return { low: at(n * share - reach), high: at(n * share + reach) };
}

/** Of a sum, from its parts. */
export function ofSum(values: readonly number[]): Interval {
  const { low, high } = ofMean(values);
  return { low: low * values.length, high: high * values.length };
}
