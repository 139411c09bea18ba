import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import { defineScenario, type Random, sum, type World } from '#lib/provider';
import type * as Contract from '../contracts/invalidate-warm.ts';

type Clock = World<unknown>['clock'];

/** How long an answer takes to make. */
const MAKE_MS = 300;
const USERS = 24;
/** Answers of the help page, which have nothing to do with what changes. */
const BYSTANDERS = 240;

const PAST_SESSIONS = 300;
const SESSIONS = 200;
const FILL_MS = 1500;
const DAY_MS = 7_200_000;
/** Nothing may be filled ahead in these forty minutes; outside, so many a second. */
export const PEAK = { fromMs: 2_400_000, toMs: 4_800_000 };
const FILLS_A_SECOND = 3;
export const BUDGET_USD = 4;
/** What a second of waiting is worth to us. */
const USD_A_SECOND = 0.001;

/** One change of the sources and what came of it. */
export interface Change {
  name: string;
  selection: Contract.Selection;
  /** Answers that were stored and had to go. */
  concerned: string[];
  counted: number;
  steps: number;
  /** Asked afterwards: answers that were old, and answers that were made anew without need. */
  old: string[];
  madeInVain: string[];
}

interface Session {
  startMs: number;
  pages: string[];
  /** How long the user looks at each page. */
  looksMs: number[];
}

/** A support product: answers made from documents and from other answers; then a day of sessions to warm. */
export const scenario = defineScenario({
  traffic: (random) => {
    const site = siteOf(random);
    const sessions = (count: number) => Array.from({ length: count }, () => sessionOf(site, random));
    return { site, past: sessions(PAST_SESSIONS).map(({ pages }) => pages), day: sessions(SESSIONS) };
  },
  async play(subject: typeof Subject, { clock, traffic }) {
    const world = createWorld(clock);
    const cache = subject.createCache(world.store);
    await Promise.all(world.keys().map((key) => world.ask(cache, key)));
    const changes: Change[] = [];
    for (const [name, selection] of CHANGES) changes.push(await world.change(cache, name, selection));
    const late = await underWay(subject, clock);
    const predictor = subject.learn(traffic.past);
    return {
      changes,
      late,
      tight: await tightBudget(subject),
      error: errorOf(predictor, traffic.day),
      warming: await warmDay(subject, predictor, clock, traffic.site, traffic.day),
    };
  },
  readings({ outcome, traffic: { site, day } }) {
    const { changes, error, warming } = outcome.value;
    const known = (page: string) =>
      [...(site.next.get(page) ?? [])].map(([next, probability]) => ({ page: next, probability }));
    const steps = stepsOf(day);
    // Whoever knows the true probabilities fills outside the peak what pays on average; whoever knows the day knows all.
    const quiet = steps.filter(({ atMs }) => !isPeak(atMs));
    const fair = netOf(site, quiet, (page) =>
      known(page)
        .filter(({ page: next, probability }) => probability * savesOf(site, next) > costOf(site, next))
        .map(({ page: next }) => next),
    );
    const clairvoyant = netOf(site, steps, (_, next) => (next === undefined ? [] : [next]));
    return {
      'store steps for each answer that goes': {
        unit: 'count',
        better: 'lower',
        value: sum(changes.map(({ steps }) => steps)) / sum(changes.map(({ concerned }) => concerned.length)),
        target: 4,
        // An answer may be left where it is, if nothing ever serves it again.
        limit: 0,
      },
      'error of the predictions': {
        unit: 'count',
        better: 'lower',
        value: error,
        target: errorOf(known, day) * 1.1,
        limit: 0,
      },
      'net on a hidden day': {
        unit: 'usd',
        better: 'higher',
        value: warming.netUsd,
        target: fair * 0.7,
        limit: clairvoyant,
      },
    };
  },
});

// --- answers and what they are made from -------------------------------------------------------------------------

const TENANTS = ['acme', 'birch', 'cedar'];
const CHANGES: [string, Contract.Selection][] = [
  ['the price list changed', { deps: ['doc:prices'] }],
  ['user 1 moved', { prefix: 'user:1' }],
  ['tenant birch signed new terms', { tags: ['tenant:birch'] }],
  ['a template changed, and user 2 left', { deps: ['doc:template'], prefix: 'user:2' }],
  ['the terms changed', { deps: ['doc:terms'] }],
];

/** Which sources each answer has. A weekly digest is made from summaries, a summary from the answers of its users. */
function catalogue(): Map<string, Required<Contract.Sources>> {
  const all = new Map<string, Required<Contract.Sources>>();
  for (let i = 0; i < BYSTANDERS; i += 1) all.set(`faq:${i}`, { tags: ['faq'], deps: [`doc:faq:${i}`] });
  for (let user = 1; user <= USERS; user += 1) {
    const tags = [`tenant:${TENANTS[user % TENANTS.length]}`];
    all.set(`user:${user}:plan`, { tags, deps: user % 2 ? ['doc:prices'] : ['doc:terms'] });
    all.set(`user:${user}:bill`, { tags, deps: ['doc:bills'] });
  }
  for (let team = 0; team < USERS / 4; team += 1) {
    const deps = [1, 2, 3, 4].map((i) => `user:${4 * team + i}:plan`);
    all.set(`summary:${team}`, { tags: ['summary'], deps: [...deps, 'doc:template'] });
  }
  all.set('digest:0', { tags: [], deps: ['summary:0', 'summary:1', 'summary:2'] });
  all.set('digest:1', { tags: [], deps: ['summary:3', 'summary:4', 'summary:5'] });
  return all;
}

/** Everything that an answer goes back to, in the words of a selection. */
function rootsOf(key: string, all: Map<string, Required<Contract.Sources>>): Set<string> {
  const { tags, deps } = all.get(key) ?? { tags: [], deps: [] };
  const prefixes = key.split(':').map((_, i, parts) => `prefix ${parts.slice(0, i + 1).join(':')}`);
  const own = [...tags.map((tag) => `tag ${tag}`), ...deps.map((dep) => `dep ${dep}`), ...prefixes];
  return new Set([...own, ...deps.flatMap((dep) => [...rootsOf(dep, all)])]);
}

function namesOf({ tags = [], deps = [], prefix }: Contract.Selection): string[] {
  return [
    ...tags.map((tag) => `tag ${tag}`),
    ...deps.map((dep) => `dep ${dep}`),
    ...(prefix ? [`prefix ${prefix}`] : []),
  ];
}

function createWorld(clock: Clock) {
  const all = catalogue();
  const roots = new Map([...all.keys()].map((key) => [key, rootsOf(key, all)]));
  const versions = new Map<string, number>();
  const made: string[] = [];
  const kept = new Map<string, string>();
  let steps = 0;
  const step = async (count = 1) => {
    steps += count;
    await clock.sleep(1);
  };
  const store: Contract.Store = {
    async get(key) {
      await step();
      return kept.get(key);
    },
    async set(key, value) {
      await step();
      kept.set(key, value);
    },
    async delete(key) {
      await step();
      return kept.delete(key);
    },
    async keys() {
      await step(kept.size);
      return [...kept.keys()];
    },
  };
  const state = (key: string) =>
    `${key} ${[...(roots.get(key) ?? [])].map((root) => versions.get(root) ?? 0).join('.')}`;
  const bump = (selection: Contract.Selection) => {
    for (const name of namesOf(selection)) versions.set(name, (versions.get(name) ?? 0) + 1);
  };
  const ask = (cache: Contract.AnswerCache, key: string) =>
    cache.getOrSet(
      key,
      async () => {
        made.push(key);
        const value = state(key);
        await clock.sleep(MAKE_MS);
        return value;
      },
      all.get(key) ?? {},
    );

  return {
    store,
    keys: () => [...all.keys()],
    state,
    bump,
    ask,
    async change(cache: Contract.AnswerCache, name: string, selection: Contract.Selection): Promise<Change> {
      const names = namesOf(selection);
      const concerned = [...roots].filter(([, of]) => names.some((root) => of.has(root))).map(([key]) => key);
      bump(selection);
      const before = steps;
      const counted = await cache.invalidate(selection);
      const used = steps - before;
      made.length = 0;
      const old: string[] = [];
      await Promise.all(
        [...roots.keys()].map(async (key) => {
          if ((await ask(cache, key)) !== state(key)) old.push(key);
        }),
      );
      const madeInVain = made.filter((key) => !concerned.includes(key));
      return { name, selection, concerned, counted, steps: used, old, madeInVain };
    },
  };
}

/** A document changes while an answer that goes back to it is being made; somebody asks at once, or only later. */
async function underWay(subject: typeof Subject, clock: Clock) {
  const results: { name: string; waitsMs: number; isRight: boolean }[] = [];
  for (const waitsMs of [1000, 0])
    for (const key of ['user:3:plan', 'summary:0', 'digest:0']) {
      const world = createWorld(clock);
      const cache = subject.createCache(world.store);
      // What it is made from is known already, except for the last: there all is under way.
      if (key === 'digest:0') for (const below of ['user:3:plan', 'summary:0']) void world.ask(cache, below);
      else if (key === 'summary:0') await world.ask(cache, 'user:3:plan');
      const first = world.ask(cache, key);
      await clock.sleep(100);
      world.bump({ deps: ['doc:prices'] });
      await cache.invalidate({ deps: ['doc:prices'] });
      await clock.sleep(waitsMs);
      results.push({ name: key, waitsMs, isRight: (await world.ask(cache, key)) === world.state(key) });
      await first;
    }
  return results;
}

// --- sessions and what is worth to be filled ahead ---------------------------------------------------------------

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
function siteOf(random: Random): Site {
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

function sessionOf({ next }: Site, random: Random): Session {
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

function costOf({ pages }: Site, page: string): number {
  return pages.get(page)?.costUsd ?? 0;
}

/** Who is served from the cache spares us the call and the user the wait. */
function savesOf(site: Site, page: string): number {
  return costOf(site, page) + (site.pages.get(page)?.waitS ?? 0) * USD_A_SECOND;
}

/** What filling the chosen pages brings, summed over steps of a day. */
function netOf(
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

function stepsOf(day: readonly Session[]): { page: string; next: string | undefined; atMs: number }[] {
  return day.flatMap(({ pages, startMs, looksMs }) =>
    pages.map((page, i) => ({ page, next: pages[i + 1], atMs: startMs + sum(looksMs.slice(0, i)) })),
  );
}

function isPeak(atMs: number): boolean {
  return atMs >= PEAK.fromMs && atMs < PEAK.toMs;
}

/** The Brier score: squared distance between the probabilities and what happened, summed over pages, on average. */
function errorOf(predictor: Contract.Predictor, day: readonly Session[]): number {
  const steps = stepsOf(day).filter(({ next }) => next !== undefined);
  const errors = steps.map(({ page, next }) => {
    const given = new Map(predictor(page).map((it) => [it.page, it.probability]));
    return sum(PAGES.map((other) => ((given.get(other) ?? 0) - (other === next ? 1 : 0)) ** 2));
  });
  return sum(errors) / errors.length;
}

async function warmDay(
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
async function tightBudget(subject: typeof Subject): Promise<string[]> {
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
