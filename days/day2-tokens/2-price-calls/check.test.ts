import * as subject from '#days/day2-tokens/2-price-calls/price-calls.ts';
import { check, hold, meets, play } from '#lib/check';
import { inWords } from '#lib/provider';
import type { BilledCall } from '../bill.ts';
import type * as Contract from '../contracts/price-calls.ts';
import { type Comparison, scenario } from './scenario.ts';

const run = play(scenario, subject);

const tokens = check('prices input, cached input and output each at its own rate', async () => {
  await billIsRight('plain', overcharge);
  const { price } = (await run()).value.calls[0] as BilledCall;
  // At such prices a single token more or less out of the cache is on the bill.
  const steep = { ...price, input: 10, cachedInput: 1 };
  const given = subject.priceCall(WITHOUT_DETAILS, steep, 'standard');
  hold(given === 1000 * steep.input, {
    happened: `1,000 tokens of input, in a \`usage\` without details, cost ${exactly(given)}`,
    expected: `${exactly(1000 * steep.input)}: nothing came out of the cache or was written to it`,
  });
});

check('takes reasoning as a part of the output', { needs: [tokens] }, () =>
  billIsRight(
    'reasoning',
    () => '`reasoning_tokens` say how much of `completion_tokens` was thought; they are not extra.',
  ),
);

check('knows cache writes, tiers and long contexts', { needs: [tokens] }, () =>
  billIsRight('special', ({ tier, usage, price }) =>
    tier !== 'standard'
      ? `The ${tier} tier costs ${price.tiers[tier]} times the standard price, input and output.`
      : price.longContext && usage.prompt_tokens > price.longContext.aboveTokens
        ? 'Above the threshold the whole call costs more, not only the tokens above it.'
        : '`cache_write_tokens` are part of `prompt_tokens` and have a price of their own, by how long they are kept; where a list has none, they cost what other input costs.',
  ),
);

check('is right to the micro-dollar', { needs: [tokens] }, async () => {
  await billIsRight('exact', () => JUST_BELOW);
  const given = subject.priceCall(HALF, HALF_PRICE, 'standard');
  hold(given === 197, {
    happened: `${HALF.prompt_tokens} in and ${HALF.completion_tokens} out at $0.15 and $0.60 a million came to ${exactly(given)}`,
    expected: `${exactly(197)}: exactly one half, rounded up`,
    help: JUST_BELOW,
  });
});

const JUST_BELOW =
  'Floating point comes out just below one half here. Prices per million are whole numbers of millionths of a micro-dollar per token: add those, and round once.';
/** 196.5 micro-dollars, and a little less in floating point, in whatever order it is added up. */
const HALF = { prompt_tokens: 1082, completion_tokens: 57, total_tokens: 1139 };
const HALF_PRICE = {
  ...{ input: 0.15, cachedInput: 0.075, output: 0.6 },
  tiers: { standard: 1, batch: 0.5, flex: 0.5, fast: 2 },
};

check('prices images, clips, minutes and requests above the free ones', async () => {
  const played = await run();
  const { value, traffic } = played;
  traffic.media.forEach(({ use }, i) => {
    hold(value.media[i] === value.mediaBilled[i], {
      happened: `${inMediaWords(use)} cost ${exactly(value.media[i])}`,
      expected: `${exactly(value.mediaBilled[i])}, as billed`,
      help: MEDIA_HELP[use.kind],
    });
  });
  // The calls have checks of their own.
  if (value.calls.every(({ microUsd }, i) => value.prices[i] === microUsd)) meets(played, 'bill off by');
});

const compares = check('compares models by what a solved task costs', { needs: [tokens] }, async () => {
  const { value, traffic } = await run();
  traffic.comparisons.forEach(({ name, rows }, i) => {
    for (const { model, solvedShare, microUsdPerSolvedTask } of rows) {
      const given = value.decisions[i]?.rows.find((row) => row.model === model);
      hold(
        near(given?.solvedShare, solvedShare) && near(given?.microUsdPerSolvedTask, microUsdPerSolvedTask),
        {
          happened: `in ${name}, ${model} came out at ${given ? `${inWords(given.microUsdPerSolvedTask, 'microUsd')} for a solved task, ${inWords(given.solvedShare, 'share')} solved` : 'no row'}`,
          expected: `${inWords(microUsdPerSolvedTask, 'microUsd')}, ${inWords(solvedShare, 'share')} solved`,
          help: 'Every attempt is billed, also of tasks that are never solved. Divide all of it by the tasks that were.',
        },
      );
    }
  });
});

check('advises a switch only where it saves and quality holds', { needs: [compares] }, async () => {
  const played = await run();
  played.traffic.comparisons.forEach((comparison, i) => {
    const { name, current, best } = comparison;
    const { advice } = played.value.decisions[i] ?? {};
    hold(advice === best, {
      happened: `for ${name}, now on ${current}, the advice was ${advice ? `to switch to ${advice}` : 'to stay'}`,
      expected: `${best ?? 'to stay'}: ${whyNot(comparison, advice)}`,
    });
  });
  for (const { rows, best, why } of ADVICE) {
    const advice = subject.advise(rows, 'A');
    hold(advice === best, {
      happened: `of ${rows.map(inRowWords).join(', ')}, now on A, the advice was ${advice ? `to switch to ${advice}` : 'to stay'}`,
      expected: `${best ?? 'to stay'}: ${why}`,
    });
  }
  meets(played, 'a solved task after the advice');
});

const WITHOUT_DETAILS = { prompt_tokens: 1000, completion_tokens: 0, total_tokens: 1000 };

const row = (model: string, solvedShare: number, microUsdPerSolvedTask: number): Contract.CostRow => ({
  ...{ model, solvedShare, microUsdPerSolvedTask },
});

/** What lies exactly at the borders of the rule. */
const ADVICE = [
  {
    rows: [row('A', 0.95, 100), row('B', 0.94, 90), row('C', 0.935, 50)],
    best: 'B',
    why: 'it loses exactly 1 point and saves exactly 10 %; C loses a point and a half',
  },
  {
    rows: [row('A', 0.95, 100), row('B', 0.95, 80), row('C', 0.95, 70), row('D', 0.96, 75)],
    best: 'C',
    why: 'the cheapest of those that do',
  },
  { rows: [row('A', 0.95, 100), row('B', 0.95, 91)], best: null, why: 'B saves less than 10 %' },
];

function inRowWords({ model, solvedShare, microUsdPerSolvedTask }: Contract.CostRow): string {
  return `${model} (${inWords(solvedShare, 'share')} solved at ${microUsdPerSolvedTask} micro-dollars)`;
}

async function billIsRight(what: BilledCall['what'], help: (call: BilledCall) => string): Promise<void> {
  const { value } = await run();
  value.calls.forEach((call, i) => {
    if (call.what !== what) return;
    hold(value.prices[i] === call.microUsd, () => ({
      happened: `${call.name} came to ${exactly(value.prices[i])}`,
      expected: `${exactly(call.microUsd)}, as billed`,
      help: help(call),
    }));
  });
}

/** Names the mistake that leads to a bill so wrong. */
function overcharge({ usage, price, microUsd }: BilledCall): string {
  const given = subject.priceCall(usage, price, 'standard');
  const cached = usage.prompt_tokens_details?.cached_tokens ?? 0;
  const twice = microUsd + cached * price.input;
  if (cached > 0 && Math.abs(given - twice) <= 1)
    return 'Cached tokens are inside `prompt_tokens`: they were charged twice.';
  if (given / microUsd > 500) return 'Prices are per million tokens.';
  const { input, cachedInput, output } = price;
  return `Here output costs ${round(output / input)} times as much as input, cached input ${inWords(cachedInput / input, 'share')} of it.`;
}

function round(times: number): number {
  return Math.round(times * 10) / 10;
}

const MEDIA_HELP: Record<Contract.MediaUse['kind'], string> = {
  images: 'An image costs what an image costs.',
  video: 'A clip that is begun is paid in full.',
  audio: 'Audio is sold by the minute and billed to the second.',
  requests: 'Every hour has its own free requests, and those not used are lost.',
};

function inMediaWords(use: Contract.MediaUse): string {
  switch (use.kind) {
    case 'images':
      return `${use.count} images at $${use.usdEach}`;
    case 'video':
      return `${use.seconds} s of video in clips of ${use.clipSeconds} s at $${use.usdPerClip}`;
    case 'audio':
      return `${use.seconds} s of speech at $${use.usdPerMinute} a minute`;
    case 'requests':
      return `hours with ${use.perHour.join(', ')} requests, ${use.freePerHour} an hour free,`;
  }
}

function whyNot({ rows, current }: Comparison, advice: string | null | undefined): string {
  const now = rows.find((row) => row.model === current);
  const then = rows.find((row) => row.model === advice);
  if (!now || !then) return 'at most 1 point fewer tasks solved, at least 10 % cheaper';
  const saving = 1 - then.microUsdPerSolvedTask / now.microUsdPerSolvedTask;
  return `${advice} solves ${inWords(then.solvedShare, 'share')} against ${inWords(now.solvedShare, 'share')}, at ${inWords(then.microUsdPerSolvedTask, 'microUsd')} against ${inWords(now.microUsdPerSolvedTask, 'microUsd')}, a saving of ${inWords(saving, 'share')}`;
}

function near(given: number | undefined, right: number): boolean {
  return given !== undefined && Math.abs(given - right) <= right * 1e-6;
}

/** Micro-dollars as dollars to the last place. */
function exactly(microUsd: number | undefined): string {
  if (typeof microUsd !== 'number' || Number.isNaN(microUsd))
    return microUsd === undefined ? 'nothing' : 'no number';
  return `$${Number.isInteger(microUsd) ? (microUsd / 1e6).toFixed(6) : microUsd / 1e6}`;
}
