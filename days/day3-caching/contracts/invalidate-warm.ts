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

/** How likely each page comes next. */
export type Predictor = (page: string) => { page: string; probability: number }[];

/** `costUsd` is what a fill costs; `savesUsd` what it saves if the page is asked for next. */
export type Offer = { page: string; probability: number; costUsd: number; savesUsd: number };

export type WarmOptions = { budgetUsd: number; slack(): number; fill(page: string): Promise<void> };
