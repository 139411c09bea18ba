import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { type Random, sum } from '#lib/provider';
import type * as Contract from '../../contracts/invalidate-warm.ts';
import type { Clock } from './world.ts';

/** Enough that what is learnt is known to a percent or two: the reports lie six below what would pay. */
export const PAST_SESSIONS = 1500;
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

type Bid = [page: string, costUsd: number, savesUsd: number, probability: number];

/** Lists of offers for one warmer, and which of them have to be filled, in this order. */
const BIDS: { name: string; budgetUsd: number; slack?: number; rounds: Bid[][]; wanted: string }[] = [
  {
    name: '$3 for offers of $1 each, in two rounds, a 0.6, b 0.9, c 0.8, d 0.95, e 0.7, then f 0.99',
    budgetUsd: 3,
    rounds: [
      [
        ['a', 1, 2, 0.6],
        ['b', 1, 2, 0.9],
        ['c', 1, 2, 0.8],
        ['d', 1, 2, 0.95],
        ['e', 1, 2, 0.7],
      ],
      [['f', 1, 2, 0.99]],
    ],
    wanted: 'd,b,c',
  },
  {
    name: '$2.50 for three offers of $1',
    budgetUsd: 2.5,
    rounds: [
      [
        ['a', 1, 2, 0.9],
        ['b', 1, 2, 0.8],
        ['c', 1, 2, 0.7],
      ],
    ],
    wanted: 'a,b',
  },
  {
    name: '$0.30 for three offers of $0.10',
    budgetUsd: 0.3,
    rounds: [
      [
        ['a', 0.1, 0.2, 0.9],
        ['b', 0.1, 0.2, 0.8],
        ['c', 0.1, 0.2, 0.7],
      ],
    ],
    wanted: 'a,b,c',
  },
  {
    name: '$10 for a dear page that gains $2.50, a cheap one that gains $1.70, and a likely one that loses',
    budgetUsd: 10,
    rounds: [
      [
        ['dear', 2, 5, 0.9],
        ['cheap', 1, 3, 0.9],
        ['likely', 2, 2.05, 0.97],
      ],
    ],
    wanted: 'cheap,dear',
  },
  {
    name: '$10 for the same, the cheap page before the dear one',
    budgetUsd: 10,
    rounds: [
      [
        ['cheap', 1, 3, 0.9],
        ['dear', 2, 5, 0.9],
      ],
    ],
    wanted: 'cheap,dear',
  },
  {
    name: 'a slack of 2, of which each fill takes 1, for three offers',
    budgetUsd: 10,
    slack: 2,
    rounds: [
      [
        ['a', 1, 2, 0.9],
        ['b', 1, 2, 0.8],
        ['c', 1, 2, 0.7],
      ],
    ],
    wanted: 'a,b',
  },
  { name: 'a slack of 0.9', budgetUsd: 10, slack: 0.9, rounds: [[['a', 1, 2, 0.9]]], wanted: '' },
];

export async function tightBudget(subject: typeof Subject, clock: Clock) {
  const seen: { name: string; wanted: string; filled: string; unfinished: number }[] = [];
  for (const { name, budgetUsd, slack = 10, rounds, wanted } of BIDS) {
    const filled: string[] = [];
    let underWay = 0;
    const warmer = subject.createWarmer({
      budgetUsd,
      slack: () => slack - filled.length,
      async fill(page) {
        filled.push(page);
        underWay += 1;
        await clock.sleep(FILL_MS);
        underWay -= 1;
      },
    });
    let unfinished = 0;
    for (const round of rounds) {
      await warmer.offer(
        round.map(([page, costUsd, savesUsd, probability]) => ({ page, costUsd, savesUsd, probability })),
      );
      unfinished += underWay;
    }
    seen.push({ name, wanted, filled: filled.join(), unfinished });
  }
  return seen;
}

/** Sessions of which it can be told by hand what follows what. */
export function learnt(subject: typeof Subject) {
  const many = (count: number, pages: string[]) => Array.from({ length: count }, () => pages);
  const predictor = subject.learn([
    ...many(600, ['a', 'b']),
    ...many(300, ['a', 'c']),
    ...many(300, ['c', 'a']),
    ...many(400, ['my', 'plan b']),
    ...many(100, ['my plan', 'b']),
    ...many(300, ['my plan', 'c']),
    ['rare', 'b'],
  ]);
  const cases = [
    ['a', 'b', 2 / 3],
    ['a', 'c', 1 / 3],
    ['c', 'a', 1],
    ['my plan', 'b', 1 / 4],
    ['my', 'plan b', 1],
  ] as const;
  const given = (page: string, next: string) =>
    sum(
      predictor(page)
        .filter((it) => it.page === next)
        .map(({ probability }) => probability),
    );
  const shares = cases.map(([page, next, share]) => ({ page, next, share, given: given(page, next) }));
  return { shares, once: given('rare', 'b') };
}
