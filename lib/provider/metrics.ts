export type Unit =
  | 'ms'
  | 's'
  | 'tokens'
  | 'usd'
  | 'microUsd'
  | 'calls'
  | 'share'
  | 'count'
  | 'bytes'
  | 'ratio'
  | 'perMin'
  | 'points';

/** One figure of a run, with the bar to pass and the bound that no code can beat. */
export interface Reading {
  unit: Unit;
  better: 'lower' | 'higher';
  value: number;
  /** What a passing answer must reach. */
  target: number;
  /** The bound that no code can beat in this scenario; null where none exists. */
  limit: number | null;
  /** The limit is only the best that is known: nothing proves that no code can beat it, so an answer may. */
  isBestKnown?: true;
  /** Where the figure lies with 95 % confidence, for one that is estimated from a sample. */
  interval?: { low: number; high: number };
}

/** True if the reading reaches its target. */
export function reached({ value, target, better }: Reading): boolean {
  return better === 'lower' ? value <= target : value >= target;
}

/** What rounding may take from a figure that is at its limit. */
const ROUNDING = 1e-9;

/** True if the reading beats the bound that no code can beat: either the answer left something out or the limit is wrong. */
export function isImpossible({ value, limit, better, isBestKnown }: Omit<Reading, 'target'>): boolean {
  if (limit === null || isBestKnown) return false;
  const slack = ROUNDING * Math.max(1, Math.abs(limit));
  return better === 'lower' ? value < limit - slack : value > limit + slack;
}

/** Two different figures in as many digits as tell them apart: 74.96 % and 75 %, not 75 % twice. */
export function inWordsApart(one: number, other: number, unit: Unit): [string, string] {
  for (let more = 0; ; more += 1) {
    const [first, second] = [inWords(one, unit, more), inWords(other, unit, more)];
    if (first !== second || one === other || more === MOST_DIGITS) return [first, second];
  }
}

const MOST_DIGITS = 9;

/**
 * A figure with its unit, as a person would say it: 1234 ms is "1.23 s", 0.614 of a share is "61.4 %". `more` asks for
 * that many digits on top.
 */
export function inWords(value: number, unit: Unit, more = 0): string {
  switch (unit) {
    case 'ms':
      return value < 1000 ? `${round(value, more)} ms` : `${round(value / 1000, 2 + more)} s`;
    case 's':
      return `${round(value, 2 + more)} s`;
    case 'share':
      return `${round(value * 100, 1 + more)} %`;
    case 'microUsd':
      return inWords(value / 1e6, 'usd', more);
    case 'usd':
      return dollars(value, more);
    case 'ratio':
      return `${round(value, 2 + more)}×`;
    case 'perMin':
      return `${round(value, 1 + more)} a minute`;
    case 'points':
      return `${round(value, 1 + more)} points`;
    case 'count':
      return round(value, 2 + more);
    default:
      return `${round(value, more)} ${unit}`;
  }
}

function round(value: number, digits: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}

/** Small sums with as many digits as a single call needs; the sign in front. */
function dollars(value: number, more: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? '-' : ''}$${size.toFixed((size < 0.01 ? 6 : size < 1 ? 4 : 2) + more)}`;
}
