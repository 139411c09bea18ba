import type { Metric } from '../check/session.ts';
import { inWords } from '../provider/metrics.ts';
import type { CapstoneFigures } from './week-capstone.ts';
import type { WeekLab } from './week-lab.ts';

/** What is worth doing next, and the figure that says so as a sentence. */
export interface Advice {
  advice: string;
  reason: string;
}

/** Rules over what was measured, in the order in which they matter. */
export function adviceFor(
  capstone: CapstoneFigures,
  labs: readonly WeekLab[],
  costTrend: number | null,
): Advice[] {
  const byKey = (key: string) => labs.find((lab) => lab.key === key);
  const figure = (name: string) => capstone.metrics.find((metric) => metric.name === name);
  return [
    ...slow(capstone),
    ...missed(capstone, byKey),
    ...dearer(costTrend),
    ...dearestPart(figure('total cost'), figure('cost where no cache helps'), byKey),
    ...furthest(capstone.metrics),
    ...idle(capstone, byKey),
    ...media(byKey(TIERS)),
    ...unprofiled(byKey(PROFILE)),
  ];
}

// --- rules -------------------------------------------------------------------------------------------------------

const SLOW_MS = 2000;
const LOW_HIT_RATE = 0.5;
const DEARER = 0.1;
/** A figure this close to its limit leaves nothing worth the work. */
const NEAR = 0.1;
const TIERS = 'day3-caching/4-tiers';
const PROFILE = 'day5-nodejs/7-profile';

type ByKey = (key: string) => WeekLab | undefined;

function slow({ avgResponseMs, p95ResponseMs }: CapstoneFigures): Advice[] {
  const [name, figure] =
    (avgResponseMs?.value ?? 0) > SLOW_MS
      ? (['mean', avgResponseMs] as const)
      : (['p95', p95ResponseMs] as const);
  if (!figure || figure.value <= SLOW_MS) return [];
  return [
    {
      advice: 'Shorten the wait: answer more from the cache, ask for shorter answers, hedge what hangs',
      reason: `The ${name} response takes ${inWords(figure.value, 'ms')}; ${inWords(SLOW_MS, 'ms')} is the most.`,
    },
  ];
}

function missed({ cacheHitRate }: CapstoneFigures, byKey: ByKey): Advice[] {
  if (!cacheHitRate || cacheHitRate.value >= LOW_HIT_RATE) return [];
  return [
    {
      advice: `Review what makes a cache key and how long an entry lives${see(byKey, 'day3-caching/1-exact-cache')}`,
      reason: `The hit rate is ${inWords(cacheHitRate.value, 'share')}, below ${inWords(LOW_HIT_RATE, 'share')}.`,
    },
  ];
}

function dearer(trend: number | null): Advice[] {
  if (trend === null || trend <= DEARER) return [];
  return [
    {
      advice: 'Look at your last change before you go on',
      reason: `The last attempt cost ${inWords(trend, 'share')} more than the one before.`,
    },
  ];
}

/** Where most of what is still paid goes. */
function dearestPart(total: Metric | undefined, uncached: Metric | undefined, byKey: ByKey): Advice[] {
  if (!total || !uncached || total.yours <= 0) return [];
  const share = uncached.yours / total.yours;
  const reason = `${inWords(share, 'share')} of what is left, ${inWords(uncached.yours, 'microUsd')}, is paid where no cache helps.`;
  const misses = `Make the calls that stay cheaper: prefixes, routing, the batch lane${see(byKey, 'day2-tokens/6-routing')}`;
  const hits = `Let the cache answer more of what it may${see(byKey, 'day3-caching/6-semantic-cache')}`;
  return [{ advice: share >= 0.5 ? misses : hits, reason }];
}

/** The figure with the most room to what no code can beat. */
function furthest(metrics: readonly Metric[]): Advice[] {
  const rooms = metrics.flatMap((metric) => {
    const { name, yours, limit, better } = metric;
    if (limit === null || limit <= 0 || yours <= 0 || name === 'score') return [];
    return [{ metric, room: better === 'lower' ? 1 - limit / yours : 1 - yours / limit }];
  });
  const [most] = rooms.sort((a, b) => b.room - a.room);
  if (!most || most.room <= NEAR) return [];
  const { name, yours, limit, unit } = most.metric;
  return [
    {
      advice: `Work on "${name}" next, because no other figure has as much room`,
      reason: `It is ${inWords(yours, unit)}, and ${inWords(limit ?? 0, unit)} is the limit.`,
    },
  ];
}

/** Labs in which an optimisation is practised. */
const PRACTISED: Record<string, string> = {
  prompt_compression: 'day2-tokens/3-compress-prompts',
  request_batching: 'day2-tokens/7-fewer-calls',
  intelligent_caching: 'day3-caching/6-semantic-cache',
  model_downgrading: 'day2-tokens/6-routing',
  connection_pooling: 'day5-nodejs/4-connections',
  prefix_layout: 'day2-tokens/5-prefix-layout',
  streaming: 'day1-latency/2-streaming',
  hedging: 'day5-nodejs/5-router',
};

function idle({ ablation }: CapstoneFigures, byKey: ByKey): Advice[] {
  return (ablation?.contributions ?? [])
    .filter(({ contributes }) => !contributes)
    .map(({ optimization, saving }) => ({
      advice: `Repair ${optimization} or take it out${see(byKey, PRACTISED[optimization] ?? '')}`,
      reason: `Without it the same traffic costs ${changeWords(saving)}, and nothing else gets clearly worse.`,
    }));
}

function changeWords(saving: number): string {
  const words = inWords(Math.abs(saving), 'share');
  if (words === inWords(0, 'share')) return 'as much';
  return `${words} ${saving < 0 ? 'less' : 'more'}`;
}

function media(tiers: WeekLab | undefined): Advice[] {
  if (!tiers || tiers.status === 'passed') return [];
  return [
    {
      advice: 'Implement CDN for media files, and consider edge caching',
      reason: `${tiers.id}, where media move to the edge, has not passed.`,
    },
  ];
}

function unprofiled(profile: WeekLab | undefined): Advice[] {
  if (!profile || profile.status === 'passed') return [];
  return [
    {
      advice: 'Optimize database queries and code only where a profile names them',
      reason: `${profile.id}, where a profile tells where the time goes, has not passed.`,
    },
  ];
}

function see(byKey: ByKey, key: string): string {
  const lab = byKey(key);
  return lab ? ` (${lab.id})` : '';
}
