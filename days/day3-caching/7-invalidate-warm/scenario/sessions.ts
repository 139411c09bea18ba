import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { type Random, sum } from '#lib/provider';
import type * as Contract from '../../contracts/invalidate-warm.ts';
import type { Clock } from './world.ts';

export const PAST_SESSIONS = 300;
export const SESSIONS = 200;
const FILL_MS = 1500;
const DAY_MS = 7_200_000;
/** Nothing may be filled ahead in these forty minutes; outside, so many a second. */
const PEAK = { fromMs: 2_400_000, toMs: 4_800_000 };
const FILLS_A_SECOND = 3;
const BUDGET_USD = 4;
/** What a second of waiting is worth to us. */
const USD_A_SECOND = 0.001;

interface Session {
  startMs: number;
  pages: string[];
  /** How long the user looks at each page. */
  looksMs: number[];
}

interface Site {
  pages: Map<string, { costUsd: number; waitS: number }>;
  next: Map<string, Map<string, number>>;
}

const PAGES = 'home plans invoices refund status password export report team audit forecast contract'.split(
  ' ',
);

/**
 * Every third page is a long report: dear to make, likely to be asked for, and not worth it. The others are cheap, and less
 * certain. A report at 0.8 loses 0.8 × $0.018 − $0.016 = −$0.0016 a fill, a cheap page at 0.5 gains 0.5 × $0.004 − $0.001.
 */
export function siteOf(random: Random): Site {
  const isReport = (page: string) => PAGES.indexOf(page) % 3 === 2;
  const pages = new Map(
    PAGES.map((page) => {
      const [costUsd, waitS] = isReport(page) ? [0.016, 2] : [0.001, 2.5 + random.next()];
      return [page, { costUsd, waitS }] as const;
    }),
  );
  const round = random.shuffle(PAGES);
  const next = new Map(
    round.map((page, i) => {
      const likely = round[(i + 1) % round.length] as string;
      const share = isReport(likely) ? 0.77 + 0.06 * random.next() : 0.45 + 0.15 * random.next();
      const others = PAGES.filter((other) => other !== page && other !== likely);
      const rest = others.map((other) => [other, (1 - share) / others.length] as const);
      return [page, new Map([[likely, share], ...rest])] as const;
    }),
  );
  return { pages, next };
}

export function sessionOf({ next }: Site, random: Random): Session {
  const pages = [random.pick(PAGES)];
  const length = 4 + random.int(5);
  while (pages.length < length) {
    let drawn = random.next();
    const step = [...(next.get(pages.at(-1) as string) ?? [])].find(([, share]) => {
      drawn -= share;
      return drawn <= 0;
    });
    pages.push(step?.[0] ?? random.pick(PAGES));
  }
  return {
    startMs: Math.floor(random.next() * DAY_MS),
    pages,
    looksMs: pages.map(() => 5000 + random.int(25_000)),
  };
}

export function costOf({ pages }: Site, page: string): number {
  return pages.get(page)?.costUsd ?? 0;
}

/** Who is served from the cache spares us the call and the user the wait. */
export function savesOf(site: Site, page: string): number {
  return costOf(site, page) + (site.pages.get(page)?.waitS ?? 0) * USD_A_SECOND;
}

/** What filling the chosen pages brings, summed over steps of a day. */
export function netOf(
  site: Site,
  steps: ReturnType<typeof stepsOf>,
  choose: (page: string, next: string | undefined) => string[],
): number {
  return sum(
    steps.map(({ page, next }) =>
      sum(
        choose(page, next).map(
          (filled) => (filled === next ? savesOf(site, filled) : 0) - costOf(site, filled),
        ),
      ),
    ),
  );
}

export function stepsOf(day: readonly Session[]): { page: string; next: string | undefined; atMs: number }[] {
  return day.flatMap(({ pages, startMs, looksMs }) =>
    pages.map((page, i) => ({ page, next: pages[i + 1], atMs: startMs + sum(looksMs.slice(0, i)) })),
  );
}

export function isPeak(atMs: number): boolean {
  return atMs >= PEAK.fromMs && atMs < PEAK.toMs;
}

/** The Brier score: squared distance between the probabilities and what happened, summed over pages, on average. */
export function errorOf(predictor: Contract.Predictor, day: readonly Session[]): number {
  const steps = stepsOf(day).filter(({ next }) => next !== undefined);
  const errors = steps.map(({ page, next }) => {
    const given = new Map(predictor(page).map((it) => [it.page, it.probability]));
    return sum(PAGES.map((other) => ((given.get(other) ?? 0) - (other === next ? 1 : 0)) ** 2));
  });
  return sum(errors) / errors.length;
}

export async function warmDay(
  subject: typeof Subject,
  predictor: Contract.Predictor,
  clock: Clock,
  site: Site,
  day: readonly Session[],
) {
  const dayStartMs = clock.now();
  const sinceStart = () => clock.now() - dayStartMs;
  const startedIn = new Map<number, number>();
  const report = { fills: 0, hits: 0, spentUsd: 0, netUsd: 0, inPeak: 0, overSlack: 0, mostSpentUsd: 0 };
  const second = () => Math.floor(sinceStart() / 1000);
  const slack = () =>
    isPeak(sinceStart()) ? 0 : Math.max(0, FILLS_A_SECOND - (startedIn.get(second()) ?? 0));
  let session = new Map<string, number>();
  const warmer = subject.createWarmer({
    budgetUsd: BUDGET_USD,
    slack,
    async fill(page) {
      const mine = session;
      if (isPeak(sinceStart())) report.inPeak += 1;
      else if (slack() < 1) report.overSlack += 1;
      startedIn.set(second(), (startedIn.get(second()) ?? 0) + 1);
      report.fills += 1;
      report.spentUsd += costOf(site, page);
      await clock.sleep(FILL_MS);
      mine.set(page, clock.now());
    },
  });
  await Promise.all(
    day.map(async ({ startMs, pages, looksMs }) => {
      await clock.sleep(startMs);
      for (const [i, page] of pages.entries()) {
        const filled = new Map<string, number>();
        session = filled;
        // Pages are made for one user, so what is filled here helps nobody else.
        const offers = predictor(page).map((it) => ({
          ...it,
          costUsd: costOf(site, it.page),
          savesUsd: savesOf(site, it.page),
        }));
        warmer.offer(offers).catch(() => {});
        await clock.sleep(looksMs[i] ?? 0);
        const next = pages[i + 1];
        if (next === undefined || !filled.has(next)) continue;
        report.hits += 1;
        report.netUsd += savesOf(site, next);
      }
    }),
  );
  report.netUsd -= report.spentUsd;
  return report;
}

/** Three dollars for offers of one dollar each: which are filled? */
export async function tightBudget(subject: typeof Subject): Promise<string[]> {
  const filled: string[] = [];
  const warmer = subject.createWarmer({
    budgetUsd: 3,
    slack: () => 10,
    fill: async (page) => void filled.push(page),
  });
  const offer = (page: string, probability: number) => ({ page, probability, costUsd: 1, savesUsd: 2 });
  await warmer.offer([offer('a', 0.6), offer('b', 0.9), offer('c', 0.8), offer('d', 0.95), offer('e', 0.7)]);
  await warmer.offer([offer('f', 0.99)]);
  return filled;
}
