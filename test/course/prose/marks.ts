/** Where the figures of a phrase come from, if they are neither measured nor constants of the lab that prints them. */
export type Source =
  /** Somebody else measured it or made it a rule; these words in the same text say who. */
  | { cited: string }
  /** A file of the project in which each of them stands. */
  | { in: string }
  /** Plain arithmetic: the phrase, as it is worked out here. */
  | { worked: string }
  /** What a word means: a percentile, an interval. */
  | 'definition'
  /** The text makes them up, to have something to speak of. */
  | 'example';

const TAIL = { cited: 'Dean and Barroso' };
const CACHE = { in: 'lib/provider/prompt-cache.ts' };
const CATALOGUE = { in: 'lib/provider/catalogue.json' };
const PROFILE = { in: 'days/day5-nodejs/python/recorded/cprofile.txt' };

/** Phrases as the texts print them, wherever they stand. One that no text prints any more has to go. */
export const MARKS: Record<string, Source> = {
  // In several days
  '1,024 tokens': CACHE,
  'Below 1,024 nothing': CACHE,
  'under 1,024': CACHE,
  'from 1,800 to 74 ms': TAIL,
  '2 % more requests': TAIL,
  '1,800 to 74 ms for 2 % more requests': TAIL,
  'with 95 % confidence': 'definition',
  'interval (95 %)': 'definition',
  '95 % interval': 'definition',
  'intervals hold the true value 19 times of 20': 'definition',
  'at least 95 % of the values': 'definition',
  '95 of 100': 'definition',
  // README
  'labs for five days': 'definition',
  '(20, 22 or 24)': { in: '.github/workflows/ci.yml' },
  '20.19 or newer': { in: 'package.json' },
  'ended after ten seconds': { in: 'lib/grader/limits.ts' },
  // Day 1
  'Ten times 0.1 is 0.9999999999999999': {
    worked: `Ten times 0.1 is ${Array.from({ length: 10 }, () => 0.1).reduce((sum, each) => sum + each)}`,
  },
  '12.50 has not paid 1250': 'example',
  'I\\tpaid 12.50.': 'example',
  'i paid 12.50': 'example',
  'I paid 12.50': 'example',
  'I paid 1250': 'example',
  'Version 1.2 fails': 'example',
  'Version 12 fails': 'example',
  '1–5 %': { cited: 'latency guide' },
  '1 to 5 %': { cited: 'latency guide' },
  'about 127 ms': { cited: 'deepcode-cli' },
  '1 − 0.99¹⁰⁰ = 63 %': { worked: `1 − 0.99¹⁰⁰ = ${Math.round((1 - 0.99 ** 100) * 100)} %` },
  '63 % of requests meet at least': TAIL,
  'with 100 parallel sub-calls': TAIL,
  '(1 − 0.99^100)': 'definition',
  '63 %': { worked: `${Math.round((1 - 0.99 ** 100) * 100)} %` },
  '0.99 to the power of 100, which is 37 %': {
    worked: `0.99 to the power of 100, which is ${Math.round(0.99 ** 100 * 100)} %`,
  },
  'a call of 0.1 s lets 6,000 calls a minute through, and a call of 10 s only 60': {
    worked: `a call of 0.1 s lets ${((10 * 60) / 0.1).toLocaleString('en')} calls a minute through, and a call of 10 s only ${(10 * 60) / 10}`,
  },
  'one of 30 requests and 6,000 tokens': { in: 'days/day1-latency/5-quota/scenario/jobs.ts' },
  'a fixed wait of 100 ms': { in: 'days/day1-latency/6-batcher/scenario/desk.ts' },
  'If a call takes 0.1 s, 5 at once are 50 a second; if it takes 10 s, one every 2 s': {
    worked: `If a call takes 0.1 s, 5 at once are ${5 / 0.1} a second; if it takes 10 s, one every ${10 / 5} s`,
  },
  'one call in twenty six times as long': { in: 'days/day1-latency/3-limiter/scenario.ts' },
  'many thousand tokens a second': 'definition',
  'back together at 1 s, at 3 s and at 7 s': {
    worked: `back together at ${1} s, at ${1 + 2} s and at ${1 + 2 + 4} s`,
  },
  'slices of 1 to 10 seconds': { in: 'solutions/day1-latency/5-quota/NOTES.md' },
  'a cap of 4,000 counts as 4,000 when the request comes in, even if 50 are written': 'example',
  "The SDK's own timeout is ten minutes": { in: 'node_modules/openai/client.js' },
  'Its ten minutes cover': { in: 'node_modules/openai/client.js' },
  'the load then grows 1.1 times and not 3 times': { cited: 'SRE book' },
  'four attempts each make 64': { cited: 'SRE book' },
  '6.49 it needs': { in: 'docs/provider.md' },
  'there after 50 s': { worked: `there after ${(5000 / 6000) * 60} s` },
  'the next 22 are refused': { worked: `the next ${30 - 8} are refused` },
  'Two minutes of traffic': 'definition',
  '14 answered and 2 rejected': { worked: `${16 - 2} answered and 2 rejected` },
  'or 17 calls where 9 do': { worked: `or ${1 + 16} calls where ${1 + 2 * Math.log2(16)} do` },
  'up to 300,000 tokens in one request': { cited: "OpenAI's API reference" },
  'With p = 5 % the same bet is nineteen times as dear as with p = 50 %': {
    worked: `With p = 5 % the same bet is ${['nineteen', 'twenty'][95 / 5 - 19]} times as dear as with p = 50 %`,
  },
  'up to 3.7 times lower latency': { cited: 'LLMCompiler' },
  // Day 2
  'Four characters a token': 'definition',
  '36 characters': 'definition',
  'one and a half to two characters a token': 'definition',
  "six months' notice": { cited: 'OpenAI promises' },
  'for thirty minutes at least, or twelve hours': CATALOGUE,
  'up to 24 hours': { in: 'lib/provider/batch/batches.ts' },
  'some time within 24 hours': { in: 'lib/provider/batch/batches.ts' },
  'It now has 960 tokens': { worked: `It now has ${1200 * 0.8} tokens` },
  'took tiktoken 0.3 s and js-tiktoken 33 s': { cited: 'on the same machine' },
  '16,000 equal letters': { cited: 'on the same machine' },
  'often a fraction: 0.125': 'example',
  'Twelve hours cost twice the write of thirty minutes': CATALOGUE,
  'kept for twelve hours costs twice as much as what is kept for thirty minutes': CATALOGUE,
  'A lifetime of twelve hours': CATALOGUE,
  'twice the write of thirty minutes': CATALOGUE,
  'one token more than 272,000': CATALOGUE,
  'thinks for 800 tokens': 'example',
  'solves 70 % instead of 95 %': 'example',
  'fell by 80 % in one day': { cited: 'pydantic/genai-prices' },
  'a study of 30,000 queries': { cited: 'arXiv 2604.02985' },
  'a study with 30,000 queries found at most 18 % less time': { cited: 'arXiv 2604.02985' },
  'A prompt with 40 % fewer tokens is a bill with 40 % less on it': 'example',
  'cut cost by 41–80 %': { cited: 'arXiv 2601.06007' },
  '6,002 tokens of equal system message': { cited: 'BerriAI/litellm#37628' },
  'the tail of some 1,500': { cited: 'BerriAI/litellm#37628' },
  'cost 57 % more over five turns': { cited: 'agentcore-public-stack#956' },
  'at least 97 of 100 answers': { in: 'solutions/day2-tokens/6-routing/route-tasks.ts' },
  'at most 50,000 lines': { cited: "OpenAI's flex guide" },
  // Day 3
  'there 0.9 lets almost everything match': 'example',
  'grows by some twenty bytes': { in: 'days/day3-caching/4-tiers/check.test.ts' },
  '3.6 million entries': { worked: `${(1000 * 3600) / 1e6} million entries` },
  'below 3 %': { worked: `below ${percent(boundOf(100))}` },
  '1 − 0.05^(1/100) = 2.95 %': { worked: `1 − 0.05^(1/100) = ${(boundOf(100) * 100).toFixed(2)} %` },
  '1 − 0.05^(1/n)': 'definition',
  '3 % for 100, 1 % for 300': {
    worked: `${percent(boundOf(100))} for 100, ${percent(boundOf(300))} for 300`,
  },
  'to promise 1 % takes 300 pairs without an error, and 0.1 % takes 3,000': {
    worked: `to promise ${percent(boundOf(300))} takes 300 pairs without an error, and ${percent(boundOf(3000))} takes 3,000`,
  },
  '37 of 100 such samples': { worked: `${Math.round(0.99 ** 100 * 100)} of 100 such samples` },
  'loses $0.0016 a fill, and a cheap page at 0.5 gains $0.001': {
    in: 'days/day3-caching/7-invalidate-warm/scenario/sessions.ts',
  },
  'a cheap one at 0.4': 'example',
  '0.618': 'definition',
  'in four minutes nothing was refreshed': 'example',
  '(1×, 2×, 24×)': 'example',
  '0.04 ms for 4 KB and 0.3 ms for 16 KB': { cited: 'Node 20 on one core of a cloud' },
  '2,048 inputs, 8,192 tokens an input': { cited: 'OpenAI API reference' },
  'stands in the list ten times is sent and paid for ten times': 'example',
  '5 errors in 500 look like 1 % and may be 2.1 %': 'example',
  '61.6 to 68.8 % hits': { cited: 'arXiv 2411.05276' },
  'up to 12.5 times the hits': { cited: 'arXiv 2502.03771' },
  '"close investment account" at 0.887': { cited: 'InfoQ' },
  '0.8 × 0.018 − 0.016 = $0.0016': { in: 'days/day3-caching/7-invalidate-warm/scenario/sessions.ts' },
  'saves $0.018': { in: 'days/day3-caching/7-invalidate-warm/scenario/sessions.ts' },
  'that saves $0.004 gains 0.5 × 0.004 − 0.001 = $0.001': {
    in: 'days/day3-caching/7-invalidate-warm/scenario/sessions.ts',
  },
  'a true rate of 2.1 %': 'example',
  '10,000 rows of 256 are 2.6 million': {
    worked: `10,000 rows of 256 are ${((10_000 * 256) / 1e6).toFixed(1)} million`,
  },
  // Day 4
  'nineteen take 1 s, one takes 41 s': 'example',
  'the 19th of 20': 'definition',
  'a p95 of 1 s and 9 s': 'example',
  'stood still for five seconds': { in: 'days/day4-metrics/5-load-test/scenario/index.ts' },
  'looks twenty times and stops at the first p < 0.05': {
    in: 'days/day4-metrics/7-ab-test/scenario.ts',
  },
  'A cache takes 60 % off the bill. Then routing takes 40 % off': 'example',
  'may have been ten seconds': 'example',
  'The 95 is a rank': 'definition',
  'there are 150 calls': { worked: `there are ${3 * 50} calls` },
  'If answers take 5 s it sends 20 a second': { worked: `If answers take 5 s it sends ${100 / 5} a second` },
  '76 %.': { worked: `${100 - 40 * 0.6} %.` },
  '0.4 × 0.6 = 0.24': { worked: `0.4 × 0.6 = ${0.4 * 0.6}` },
  '0.4 × 0.6 = 24 %': { worked: `0.4 × 0.6 = ${40 * 0.6} %` },
  '10,000 users × 2 models × 15 buckets are 300,000 series': {
    worked: `10,000 users × 2 models × 15 buckets are ${(10_000 * 2 * 15).toLocaleString('en')} series`,
  },
  '3.33 for 200 calls in an hour': { worked: `${(200 / 60).toFixed(2)} for 200 calls in an hour` },
  'twenty calls of 1, 2, … 20 s': 'definition',
  '25 %: what the call': { worked: `${100 / 4} %: what the call` },
  'about 670 buckets': {
    worked: `about ${Math.round(Math.log(600_000) / Math.log(1.02) / 10) * 10} buckets`,
  },
  '24 MB and a sort': { worked: `${(3 * 8 * 1e6) / 1e6} MB and a sort` },
  'a call takes -9 minutes': 'example',
  'says 4 % more': 'example',
  '"3.2 times as fast" and "69 % less"': {
    worked: `"3.2 times as fast" and "${Math.round((1 - 1 / 3.2) * 100)} % less"`,
  },
  'From 1,000 to 500 ms becomes "100 % less"': {
    worked: `From 1,000 to 500 ms becomes "${(500 / 500) * 100} % less"`,
  },
  'a summary of 2,000': 'example',
  '0.1 + 0.2 is 0.30000000000000004': { worked: `0.1 + 0.2 is ${0.1 + 0.2}` },
  '0.1 + 0.2. Sums': 'definition',
  '$0.60 of $0.45': { cited: '#40002' },
  'eight hours of each day': 'example',
  '1 to 67,108,864': { worked: `1 to ${(4 ** 13).toLocaleString('en')}` },
  'those for web pages end at 10 s': 'definition',
  'End at 10 s. A p99 of 30 s reads as 10': 'example',
  'sixty users make it 480': { worked: `sixty users make it ${60 * 8}` },
  '1.2 % a day the peak doubles every 58 days': {
    worked: `1.2 % a day the peak doubles every ${Math.round(Math.log(2) / Math.log(1.012))} days`,
  },
  'of such a day, for two hours)': {
    worked: `of such a day, for ${['no', 'one', 'two'][(24 * 5) / 60]} hours)`,
  },
  '15 trials and 300 trials': 'example',
  'Six levels of three settings are 216': { worked: `Six levels of three settings are ${6 ** 3}` },
  '216 combinations are too many': { worked: `${6 ** 3} combinations are too many` },
  'All 216 of them': { worked: `All ${6 ** 3} of them` },
  'asks 9.5 on the first day': { worked: `asks ${(2.13 * Math.sqrt(20)).toFixed(1)} on the first day` },
  // Day 5
  'Four days of optimisations': 'definition',
  'After twenty minutes': 'definition',
  'in forty minutes it turns round': 'definition',
  'A tenth down, ten minutes up': 'example',
  'one call in 25 takes six times as long': { in: 'days/day5-nodejs/5-router/scenario.ts' },
  'twenty minutes more': 'definition',
  'About 5 % more calls': { in: 'days/day5-nodejs/5-router/README.md' },
  '(3.11)': 'definition',
  'work of 500 ms': 'example',
  'after a pause of 4.6 s': 'example',
  '1.2 % of the active Plus users': { cited: "OpenAI's report on the outage" },
  'measured 127 ms of TCP and TLS': { cited: 'deepcode-cli' },
  'with 180 s the first byte came after 130 ms instead of 210': { cited: 'deepcode-cli' },
  'a median of 331 s; with an agent for each session 8 s': { cited: 'copilot-api' },
  'failed nine times in ten': 'example',
  'well again for ten seconds': 'example',
  '3.257 of 3.354 s': PROFILE,
  '0.059 s: while': PROFILE,
  ', 3.172 s |': PROFILE,
  'loading modules, 0.085 s': PROFILE,
};

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(1))} %`;
}

/** What may be said with 95 % confidence of a share after so many without an error. */
function boundOf(n: number): number {
  return 1 - 0.05 ** (1 / n);
}

/** Sentences on what costs more or less that are true whatever a catalogue says. */
export const NOT_OF_THE_CATALOGUE: readonly string[] = [
  // What one's own mistake, bound or budget comes to.
  'A model that thinks seems to cost twice as much as it does',
  'costs at most half as much',
  'filled that cost more than they can save',
  'The search costs more than it saves',
  'All 216 of them cost more than the search was allowed to spend',
  'A handshake costs more than the request',
  // Labs 4.3, 4.6 and 4.7 have prices of their own.
  'of treatments that cost a fifth more',
  'A treatment that costs a fifth more goes on to the last day',
  'A Sunday costs a fifth of a Monday',
  'A batch costs half, so it saves half',
];
