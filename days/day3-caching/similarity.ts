/** How alike two vectors of length one are, from -1 to 1. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

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
