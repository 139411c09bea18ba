import type {
  AnswerCache,
  Offer,
  Predictor,
  Sources,
  Store,
  WarmOptions,
} from '#course/day3-caching/contracts/invalidate-warm.ts';

interface Fill {
  isVoid: boolean;
  promise: Promise<string>;
  /** Resolves when the store has it. */
  write?: Promise<void>;
}

/** Knows for every tag, source and prefix which answers belong to it, from the moment they are begun. */
export function createCache(store: Store): AnswerCache {
  const members = new Map<string, Set<string>>();
  const labels = new Map<string, string[]>();
  const fills = new Map<string, Fill>();

  return {
    getOrSet(key, make, sources) {
      const known = fills.get(key);
      if (known) return known.promise;
      enlist(key, sources);
      const fill: Fill = { isVoid: false, promise: Promise.resolve('') };
      fills.set(key, fill);
      fill.promise = (async () => {
        const stored = await store.get(key);
        if (stored !== undefined && !fill.isVoid) return stored;
        const value = await make();
        if (!fill.isVoid) fill.write = store.set(key, value);
        await fill.write;
        return value;
      })().finally(() => {
        if (fills.get(key) === fill) fills.delete(key);
      });
      return fill.promise;
    },
    async invalidate({ tags = [], deps = [], prefix }) {
      const open = [...tags.map((tag) => `tag ${tag}`), ...deps.map((dep) => `dep ${dep}`)];
      if (prefix !== undefined) open.push(`prefix ${prefix}`);
      const keys = new Set<string>();
      for (let label = open.pop(); label !== undefined; label = open.pop())
        for (const key of members.get(label) ?? []) {
          if (keys.has(key)) continue;
          keys.add(key);
          open.push(`dep ${key}`);
        }
      // All marks before the first await: nothing may be stored in between.
      const writes = new Map([...keys].map((key) => [key, strike(key)]));
      const gone = await Promise.all(
        [...writes].map(async ([key, write]) => {
          await write;
          return store.delete(key);
        }),
      );
      return gone.filter(Boolean).length;
    },
  };

  function enlist(key: string, { tags = [], deps = [] }: Sources): void {
    const segments = key.split(':');
    const prefixes = segments.map((_, i) => `prefix ${segments.slice(0, i + 1).join(':')}`);
    const own = [...tags.map((tag) => `tag ${tag}`), ...deps.map((dep) => `dep ${dep}`), ...prefixes];
    labels.set(key, own);
    for (const label of own) {
      const list = members.get(label) ?? new Set();
      members.set(label, list.add(key));
    }
  }

  /** Marks what is under way as void, and returns what it is writing already. */
  function strike(key: string): Promise<void> | undefined {
    const fill = fills.get(key);
    if (fill) fill.isVoid = true;
    fills.delete(key);
    for (const label of labels.get(key) ?? []) members.get(label)?.delete(key);
    labels.delete(key);
    return fill?.write?.catch(() => {});
  }
}

/** Doubt in what was seen rarely: as if so many more sessions had gone on elsewhere. */
const DOUBT = 1;

export function learn(sessions: readonly string[][]): Predictor {
  const followers = new Map<string, Map<string, number>>();
  for (const pages of sessions)
    for (const [i, next] of pages.slice(1).entries()) {
      const page = pages[i] as string;
      const counts = followers.get(page) ?? new Map<string, number>();
      counts.set(next, (counts.get(next) ?? 0) + 1);
      followers.set(page, counts);
    }
  return (page) => {
    const counts = [...(followers.get(page) ?? [])];
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    return counts.map(([next, count]) => ({ page: next, probability: count / (total + DOUBT) }));
  };
}

/** Far more than sums of floating point lose, and far less than a fill costs. */
const TINY = 1e-9;

/** Fills pages ahead of time, within the day's budget and while `slack()` says that a fill may be started now. */
export function createWarmer({ budgetUsd, slack, fill }: WarmOptions): {
  offer(offers: readonly Offer[]): Promise<void>;
} {
  let leftUsd = budgetUsd + TINY;
  const gain = ({ probability, savesUsd, costUsd }: Offer) => probability * savesUsd - costUsd;
  return {
    async offer(offers) {
      const worthIt = offers.filter((offer) => gain(offer) > 0);
      worthIt.sort((a, b) => gain(b) / b.costUsd - gain(a) / a.costUsd);
      const fills: Promise<void>[] = [];
      for (const { page, costUsd } of worthIt) {
        if (slack() < 1) break;
        if (costUsd > leftUsd) continue;
        leftUsd -= costUsd;
        fills.push(fill(page));
      }
      await Promise.all(fills);
    },
  };
}
