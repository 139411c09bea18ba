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
  /** Where the figure lies with 95 % confidence, for one that is estimated from a sample. */
  interval?: { low: number; high: number };
}

/** True if the reading reaches its target. */
export function reached({ value, target, better }: Reading): boolean {
  return better === 'lower' ? value <= target : value >= target;
}

/** A figure with its unit, as a person would say it: 1234 ms is "1.23 s", 0.614 of a share is "61.4 %". */
export function inWords(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return value < 1000 ? `${round(value, 0)} ms` : `${round(value / 1000, 2)} s`;
    case 's':
      return `${round(value, 2)} s`;
    case 'share':
      return `${round(value * 100, 1)} %`;
    case 'microUsd':
      return inWords(value / 1e6, 'usd');
    case 'usd':
      return dollars(value);
    case 'ratio':
      return `${round(value, 2)}×`;
    case 'perMin':
      return `${round(value, 1)} a minute`;
    case 'points':
      return `${round(value, 1)} points`;
    case 'count':
      return round(value, 2);
    default:
      return `${round(value, 0)} ${unit}`;
  }
}

function round(value: number, digits: number): string {
  return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
}

/** Small sums with as many digits as a single call needs; the sign in front. */
function dollars(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? '-' : ''}$${size.toFixed(size < 0.01 ? 6 : size < 1 ? 4 : 2)}`;
}
