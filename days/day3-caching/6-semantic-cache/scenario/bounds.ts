const CONFIDENCE = 0.95;

/** The share that is not exceeded with the given confidence, after `events` in `n` (Clopper and Pearson, one-sided). */
export function upperBound(events: number, n: number): number {
  let [low, high] = [events / n, 1];
  for (let i = 0; i < 50; i += 1) {
    const middle = (low + high) / 2;
    if (atMost(events, n, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** The probability of at most so many events in `n` of that probability. */
function atMost(events: number, n: number, p: number): number {
  let term = (1 - p) ** n;
  let total = term;
  for (let k = 1; k <= events; k += 1) {
    term *= ((n - k + 1) / k) * (p / (1 - p));
    total += term;
  }
  return total;
}

/** The distribution of a standard normal (Abramowitz and Stegun 7.1.26, to seven digits). */
export function normalBelow(x: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(x) / Math.SQRT2));
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-((x / Math.SQRT2) ** 2));
  return x >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}
