import type { CallSpan, PlayTotals, PlayTrace } from '../check/session.ts';
import { answeredMs, firstTokensMs } from '../check/trace.ts';
import { inWords } from '../provider/metrics.ts';
import { percentile } from '../provider/stats.ts';
import { known } from '../workbook/play-figures.ts';
import type { ChartData, Series } from './panel-data.ts';

/** The part of a play that is looked at: calls that ended from `fromMs` to `toMs`, on an axis up to `endMs`. */
export interface Stretch {
  calls: readonly CallSpan[];
  /** Each of them stands for so many. */
  every: number;
  /** Of all calls, where the whole play is looked at. */
  totals: PlayTotals | undefined;
  fromMs: number;
  toMs: number;
  endMs: number;
}

/** The calls that had ended when the replay stood at `nowMs`, seen through a window of `windowMs` (0: the whole play). */
export function stretchOf(
  { calls, every = 1, totals }: Pick<PlayTrace, 'calls' | 'every' | 'totals'>,
  lastMs: number,
  nowMs: number,
  windowMs: number,
): Stretch {
  const fromMs = windowMs > 0 ? Math.max(0, nowMs - windowMs) : 0;
  const endMs = Math.max(windowMs > 0 ? Math.min(lastMs, fromMs + windowMs) : lastMs, fromMs + 1);
  return {
    calls: calls.filter(({ endMs }) => endMs >= fromMs && endMs <= nowMs),
    every,
    totals: windowMs === 0 && nowMs >= lastMs ? totals : undefined,
    fromMs,
    toMs: nowMs,
    endMs,
  };
}

export function latencyChart(stretch: Stretch): ChartData {
  const slices = sliced(stretch);
  const at = (name: string, p: number, of: (calls: CallSpan[]) => number[]): Series => ({
    name,
    values: slices.map((calls) => (of(calls).length > 0 ? percentile(of(calls), p) : null)),
  });
  const { totals, every } = stretch;
  const took = answeredMs(stretch.calls);
  const answered = totals?.answered ?? took.length * every;
  const over = (p: 50 | 95 | 99) => ms(totals?.tookMs?.[`p${p}`] ?? percentile(took, p));
  const said = took.length > 0 ? `p50 ${over(50)}, p95 ${over(95)}, p99 ${over(99)}` : 'no answers';
  return {
    ...axis(stretch),
    ...{
      unit: 'ms',
      shape: 'line',
      summary: `${about(stretch)}${count(answered, 'answered call')}: ${said}.`,
    },
    series: [
      at('p50', 50, answeredMs),
      at('p95', 95, answeredMs),
      at('p99', 99, answeredMs),
      at('first token, p50', 50, firstTokensMs),
    ],
  };
}

export function costChart(stretch: Stretch): ChartData {
  const hours = (ms: number) => ms / 3_600_000;
  const perHour = (microUsd: number | null, ms: number) =>
    microUsd === null ? null : microUsd / 1e6 / hours(ms);
  const values = counted(
    stretch,
    stretch.calls.some((call) => call.costMicroUsd !== undefined),
    (calls) => perHour((known(calls, 'costMicroUsd') ?? 0) * stretch.every, sliceMs(stretch)),
  );
  const cost = sumOf(stretch, 'costMicroUsd');
  const mean = perHour(cost, Math.max(1, stretch.toMs - stretch.fromMs));
  const summary =
    cost === null || mean === null
      ? 'The cost of these calls is not known.'
      : `${about(stretch)}${inWords(cost, 'microUsd')} in ${ms(stretch.toMs - stretch.fromMs)}: ${inWords(mean, 'usd')} an hour at this rate.`;
  return {
    ...axis(stretch),
    unit: 'usdPerHour',
    shape: 'steps',
    series: [{ name: 'cost per hour', values }],
    summary,
  };
}

export function hitsChart(stretch: Stretch): ChartData {
  const share = (calls: readonly CallSpan[]) => {
    const [input, cached] = [known(calls, 'inputTokens'), known(calls, 'cachedTokens')];
    return input && cached !== null ? cached / input : null;
  };
  const [input, cached] = [sumOf(stretch, 'inputTokens'), sumOf(stretch, 'cachedTokens')];
  const all = input && cached !== null ? cached / input : null;
  const summary =
    all === null
      ? 'No input tokens were counted.'
      : `${inWords(all, 'share')} of the input tokens came from the provider's cache.`;
  const values = sliced(stretch).map(share);
  return { ...axis(stretch), unit: 'share', shape: 'line', series: [{ name: 'hit rate', values }], summary };
}

export function errorsChart(stretch: Stretch): ChartData {
  const kinds = {
    '429': (call: CallSpan) => call.status === 429,
    'other errors': ({ outcome, status }: CallSpan) =>
      outcome === 'broken' || (outcome === 'refused' && status !== 429),
    'given up by the client': ({ outcome }: CallSpan) => outcome === 'aborted',
  };
  const { calls, limited, failed, aborted } = stretch.totals ?? {};
  const totals = [limited, failed, aborted];
  const counts = Object.entries(kinds).map(
    ([name, is], at) => `${name}: ${totals[at] ?? stretch.calls.filter(is).length * stretch.every}`,
  );
  return {
    ...axis(stretch),
    ...{
      unit: 'count',
      shape: 'steps',
      summary: `Of ${about(stretch)}${count(calls ?? stretch.calls.length * stretch.every, 'call')}, ${counts.join(', ')}.`,
    },
    series: Object.entries(kinds).map(([name, is]) => ({
      name,
      values: counted(stretch, true, (calls) => calls.filter(is).length * stretch.every),
    })),
  };
}

export function tokensChart(stretch: Stretch): ChartData {
  const kinds = { input: 'inputTokens', 'of them cached': 'cachedTokens', output: 'outputTokens' } as const;
  const counts = Object.entries(kinds).map(
    ([name, field]) => `${name} ${inWords(sumOf(stretch, field) ?? 0, 'count')}`,
  );
  return {
    ...axis(stretch),
    ...{ unit: 'tokens', shape: 'steps', summary: `Tokens: ${about(stretch)}${counts.join(', ')}.` },
    series: Object.entries(kinds).map(([name, field]) => ({
      name,
      values: counted(
        stretch,
        known(stretch.calls, field) !== null,
        (calls) => (known(calls, field) ?? 0) * stretch.every,
      ),
    })),
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

const SLICES = 30;

/** Of all calls where they are known, else by those that stand for them. */
function sumOf({ calls, every, totals }: Stretch, field: Parameters<typeof known>[1]): number | null {
  if (totals) return totals[field];
  const sum = known(calls, field);
  return sum === null ? null : sum * every;
}

/** Counted by calls that stand for others, a figure is not exact. */
function about({ every, totals }: Stretch): string {
  return every > 1 && !totals ? 'about ' : '';
}

function sliceMs({ fromMs, endMs }: Stretch): number {
  return (endMs - fromMs) / SLICES;
}

/** The calls by the slice of the axis in which they ended. */
function sliced(stretch: Stretch): CallSpan[][] {
  const slices = Array.from({ length: SLICES }, (): CallSpan[] => []);
  for (const call of stretch.calls) {
    const at = Math.floor((call.endMs - stretch.fromMs) / sliceMs(stretch));
    slices[Math.min(at, SLICES - 1)]?.push(call);
  }
  return slices;
}

/** Where nothing ended, nothing was counted: that is zero, but not in what a replay has yet to reach. */
function counted(
  stretch: Stretch,
  measured: boolean,
  count: (calls: CallSpan[]) => number | null,
): Series['values'] {
  const begun = (at: number) => stretch.fromMs + at * sliceMs(stretch) <= stretch.toMs;
  return sliced(stretch).map((calls, at) => (measured && begun(at) ? count(calls) : null));
}

/** Each slice stands at its beginning. */
function axis(stretch: Stretch): Pick<ChartData, 'xName' | 'xs' | 'range' | 'xWords'> {
  const xs = Array.from({ length: SLICES }, (_, at) => stretch.fromMs + at * sliceMs(stretch));
  return { xName: 'Time since the start', xs, range: [stretch.fromMs, stretch.endMs], xWords: ms };
}

/** "1 call", "2 calls". */
function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

/** "12 ms", "3 s", "10 min", "1.5 h". */
function ms(value: number): string {
  if (value < 60_000) return inWords(value, 'ms');
  const [many, unit] = value < 3_600_000 ? [value / 60_000, 'min'] : [value / 3_600_000, 'h'];
  return `${inWords(many, 'count')} ${unit}`;
}
