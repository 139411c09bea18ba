import type {
  AnswerCache,
  Offer,
  Predictor,
  Selection,
  Sources,
  Store,
  WarmOptions,
} from '#course/day3-caching/contracts/invalidate-warm.ts';

/** An answer from when it is begun until it is dropped. */
class Answer {
  readonly key: string;
  readonly names: string[];
  isDropped = false;
  making: Promise<string> | undefined;

  constructor(key: string, { tags = [], deps = [] }: Sources) {
    this.key = key;
    const parts = key.split(':');
    this.names = [
      ...tags.map((tag) => `#${tag}`),
      ...deps.map((dep) => `<${dep}`),
      ...parts.map((_, i) => `/${parts.slice(0, i + 1).join(':')}`),
    ];
  }
}

/** Drops answers as objects: what is made again under the same key is another one. */
export function createCache(store: Store): AnswerCache {
  const current = new Map<string, Answer>();
  const named = new Map<string, Set<Answer>>();

  function add(answer: Answer): void {
    current.set(answer.key, answer);
    for (const name of answer.names) named.set(name, (named.get(name) ?? new Set()).add(answer));
  }

  function drop(answer: Answer): void {
    answer.isDropped = true;
    if (current.get(answer.key) === answer) current.delete(answer.key);
    for (const name of answer.names) named.get(name)?.delete(answer);
  }

  function* above(names: string[], found: Set<Answer> = new Set()): Generator<Answer> {
    for (const answer of names.flatMap((name) => [...(named.get(name) ?? [])])) {
      if (found.has(answer)) continue;
      found.add(answer);
      yield answer;
      yield* above([`<${answer.key}`], found);
    }
  }

  async function produce(answer: Answer, make: () => Promise<string>): Promise<string> {
    try {
      const value = await make();
      if (answer.isDropped) return value;
      await store.set(answer.key, value);
      return value;
    } catch (error) {
      drop(answer);
      throw error;
    } finally {
      answer.making = undefined;
    }
  }

  return {
    async getOrSet(key, make, sources) {
      const known = current.get(key);
      if (known?.making) return known.making;
      const stored = known && (await store.get(key));
      if (stored !== undefined && !known?.isDropped) return stored;
      // Somebody else may have begun while the store was asked.
      const other = current.get(key);
      if (other?.making) return other.making;
      if (other) drop(other);
      const answer = new Answer(key, sources);
      add(answer);
      answer.making = produce(answer, make);
      return answer.making;
    },
    async invalidate({ tags = [], deps = [], prefix }: Selection) {
      const names = [...tags.map((tag) => `#${tag}`), ...deps.map((dep) => `<${dep}`)];
      const gone = [...above(prefix === undefined ? names : [...names, `/${prefix}`])];
      const making = gone.map((answer) => answer.making);
      gone.forEach(drop);
      const deleted = await Promise.all(
        gone.map(async ({ key }, i) => {
          const was = await store.delete(key);
          // It may have been on its way into the store.
          void making[i]?.then(() => current.has(key) || store.delete(key)).catch(() => {});
          return was;
        }),
      );
      return deleted.filter(Boolean).length;
    },
  };
}

/** Pairs are counted in a table of tables; a little of what is popular everywhere is mixed in. */
export function learn(sessions: readonly string[][]): Predictor {
  const table: Record<string, Record<string, number>> = Object.create(null);
  for (const session of sessions)
    session.reduce((page, next) => {
      table[page] ??= Object.create(null) as Record<string, number>;
      table[page][next] = (table[page][next] ?? 0) + 1;
      return next;
    });
  return (page) => {
    const row = Object.entries(table[page] ?? {});
    const seen = row.reduce((sum, [, count]) => sum + count, 2);
    return row.map(([next, count]) => ({ page: next, probability: count / seen }));
  };
}

/** One fill after the other, so that slack is what it is when the next one begins. */
export function createWarmer({ budgetUsd, slack, fill }: WarmOptions): {
  offer(offers: readonly Offer[]): Promise<void>;
} {
  const microUsd = (usd: number) => Math.round(usd * 1e6);
  let left = microUsd(budgetUsd);
  return {
    offer: async (offers) => {
      const rated = offers
        .map((it) => ({ ...it, perDollar: (it.probability * it.savesUsd) / it.costUsd }))
        .filter(({ perDollar }) => perDollar > 1)
        .sort((a, b) => b.perDollar - a.perDollar);
      const begun: Promise<void>[] = [];
      for (const { page, costUsd } of rated) {
        if (microUsd(costUsd) > left || slack() < 1) continue;
        left -= microUsd(costUsd);
        begun.push(fill(page));
      }
      await Promise.allSettled(begun);
    },
  };
}
