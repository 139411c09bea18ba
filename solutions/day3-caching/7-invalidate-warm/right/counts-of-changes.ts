import type {
  AnswerCache,
  Offer,
  Predictor,
  Sources,
  Store,
  WarmOptions,
} from '#course/day3-caching/contracts/invalidate-warm.ts';

/**
 * Never deletes: counts the changes of every tag, source and prefix, and stores with each answer how far the counts had
 * got when it was begun. An answer is right while the counts behind it stand where they stood.
 */
export function createCache(store: Store): AnswerCache {
  const changes = new Map<string, number>();
  const behind = new Map<string, Sources>();
  const standAt = new Map<string, number>();
  const fills = new Map<string, { stand: number; promise: Promise<string> }>();

  return {
    async getOrSet(key, make, sources) {
      behind.set(key, sources);
      const stand = standOf(key);
      const fill = fills.get(key);
      if (fill?.stand === stand) return fill.promise;
      const promise = obtain(key, stand, make);
      fills.set(key, { stand, promise });
      return promise.finally(() => {
        if (fills.get(key)?.promise === promise) fills.delete(key);
      });
    },
    async invalidate({ tags = [], deps = [], prefix }) {
      const right = [...standAt].filter(([key, stand]) => standOf(key) === stand);
      const names = [...tags.map((tag) => `tag ${tag}`), ...deps.map((dep) => `dep ${dep}`)];
      if (prefix !== undefined) names.push(`path ${prefix}`);
      for (const name of names) changes.set(name, (changes.get(name) ?? 0) + 1);
      const gone = right.filter(([key, stand]) => standOf(key) !== stand);
      for (const [key] of gone) standAt.delete(key);
      return gone.length;
    },
  };

  async function obtain(key: string, stand: number, make: () => Promise<string>): Promise<string> {
    const stored = standAt.get(key) === stand ? await store.get(key) : undefined;
    if (stored !== undefined) return stored;
    const value = await make();
    if (standOf(key) !== stand) return value;
    await store.set(key, value);
    standAt.set(key, stand);
    return value;
  }

  /** All changes of what the answer goes back to. Counts only grow, so an equal sum means that nothing has changed. */
  function standOf(key: string, seen: Set<string> = new Set()): number {
    if (seen.has(key)) return 0;
    seen.add(key);
    const { tags = [], deps = [] } = behind.get(key) ?? {};
    let stand = 0;
    for (const tag of tags) stand += changes.get(`tag ${tag}`) ?? 0;
    for (const dep of deps)
      stand += (changes.get(`dep ${dep}`) ?? 0) + (behind.has(dep) ? standOf(dep, seen) : 0);
    for (let end = key.length; end > 0; end = key.lastIndexOf(':', end - 1))
      stand += changes.get(`path ${key.slice(0, end)}`) ?? 0;
    return stand;
  }
}

export function learn(sessions: readonly string[][]): Predictor {
  const seenPairs = new Map<string, number>();
  for (const pair of sessions.flatMap((pages) =>
    pages.slice(1).map((next, i) => JSON.stringify([pages[i], next])),
  ))
    seenPairs.set(pair, (seenPairs.get(pair) ?? 0) + 1);
  const all = new Set(sessions.flat());
  return (page) => {
    const count = (next: string) => (seenPairs.get(JSON.stringify([page, next])) ?? 0) + 0.1;
    const counts = [...all].map((next) => [next, count(next)] as const);
    const total = counts.reduce((sum, [, seen]) => sum + seen, 0);
    return counts.map(([next, seen]) => ({ page: next, probability: seen / total }));
  };
}

/** Works through a list of offers, best first; what does not fit now is dropped. */
export function createWarmer(options: WarmOptions): { offer(offers: readonly Offer[]): Promise<void> } {
  let spent = 0;
  return {
    async offer(offers) {
      const rated = offers.map((offer) => ({
        ...offer,
        odds: (offer.probability * offer.savesUsd) / offer.costUsd,
      }));
      const [best, ...rest] = rated.filter(({ odds }) => odds > 1.02).sort((a, b) => b.odds - a.odds);
      if (!best || spent + best.costUsd > options.budgetUsd * (1 + 1e-9) || options.slack() < 1) return;
      spent += best.costUsd;
      await Promise.all([options.fill(best.page), this.offer(rest)]);
    },
  };
}
