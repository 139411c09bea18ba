export const rejectedBy = 'keeps what has nothing to do with it, and says how many went';

/** The store behind the cache, as a Redis would be: every operation costs, and `keys` costs one for each key. */
export interface Store {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
  delete(key: string): Promise<boolean>;
  keys(): Promise<string[]>;
}

/** What an answer is about, and what it was made from: documents, or other answers by their key. */
export interface Sources {
  tags?: string[];
  deps?: string[];
}

/** Keys are paths: the prefix `user:1` is above `user:1` and `user:1:plan`, not above `user:12`. */
export type Selection = Sources & { prefix?: string };

export interface AnswerCache {
  getOrSet(key: string, make: () => Promise<string>, sources: Sources): Promise<string>;
  /** Drops what the selection names, and all that was made from it. Returns how many stored answers went. */
  invalidate(selection: Selection): Promise<number>;
}

/** Compares prefixes letter by letter: user:1 takes user:12 along. */
export function createCache(store: Store): AnswerCache {
  const members = new Map<string, Set<string>>();
  const labels = new Map<string, string[]>();
  const fills = new Map<string, { isVoid: boolean; promise: Promise<string> }>();

  return {
    getOrSet(key, make, sources) {
      const known = fills.get(key);
      if (known) return known.promise;
      enlist(key, sources);
      const fill = { isVoid: false, promise: Promise.resolve('') };
      fills.set(key, fill);
      fill.promise = (async () => {
        const stored = await store.get(key);
        if (stored !== undefined && !fill.isVoid) return stored;
        const value = await make();
        if (!fill.isVoid) await store.set(key, value);
        return value;
      })().finally(() => {
        if (fills.get(key) === fill) fills.delete(key);
      });
      return fill.promise;
    },
    async invalidate({ tags = [], deps = [], prefix }) {
      const open = [...tags.map((tag) => `tag ${tag}`), ...deps.map((dep) => `dep ${dep}`)];
      if (prefix !== undefined) open.push(`prefix ${prefix}`);
      if (prefix !== undefined)
        for (const key of labels.keys()) if (key.startsWith(prefix)) open.push(`prefix ${key}`);
      const keys = new Set<string>();
      for (let label = open.pop(); label !== undefined; label = open.pop())
        for (const key of members.get(label) ?? []) {
          if (keys.has(key)) continue;
          keys.add(key);
          open.push(`dep ${key}`);
        }
      // All marks before the first await: nothing may be stored in between.
      for (const key of keys) strike(key);
      const gone = await Promise.all([...keys].map((key) => store.delete(key)));
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

  function strike(key: string): void {
    const fill = fills.get(key);
    if (fill) fill.isVoid = true;
    fills.delete(key);
    for (const label of labels.get(key) ?? []) members.get(label)?.delete(key);
    labels.delete(key);
  }
}

/** How likely each page comes next. */
export type Predictor = (page: string) => { page: string; probability: number }[];

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

/** `costUsd` is what a fill costs; `savesUsd` what it saves if the page is asked for next. */
export type Offer = { page: string; probability: number; costUsd: number; savesUsd: number };
export type WarmOptions = { budgetUsd: number; slack(): number; fill(page: string): Promise<void> };

/** Fills pages ahead of time, within the day's budget and while `slack()` says that a fill may be started now. */
export function createWarmer({ budgetUsd, slack, fill }: WarmOptions): {
  offer(offers: readonly Offer[]): Promise<void>;
} {
  let leftUsd = budgetUsd;
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
