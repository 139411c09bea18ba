import type * as Subject from '#days/day3-caching/7-invalidate-warm/invalidate-warm.ts';
import type { World } from '#lib/provider';
import type * as Contract from '../../contracts/invalidate-warm.ts';

export type Clock = World<unknown>['clock'];

/** How long an answer takes to make. */
const MAKE_MS = 300;
/** How much longer the store takes to write than to read or to delete. */
const WRITE_MS = 20;
const USERS = 24;
/** Answers of the help page, which have nothing to do with what changes. */
const BYSTANDERS = 240;

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

const TENANTS = ['acme', 'birch', 'cedar'];
export const CHANGES: [string, Contract.Selection][] = [
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

export function createWorld(clock: Clock) {
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
      // Writing takes longer than deleting: the one may overtake the other.
      await step();
      await clock.sleep(WRITE_MS);
      kept.set(key, String(value));
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
  const ask = (cache: Contract.AnswerCache, key: string): Promise<string> =>
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
    kept,
    made,
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
export async function underWay(subject: typeof Subject, clock: Clock) {
  const results: { name: string; waitsMs: number; atMs: number; isRight: boolean }[] = [];
  // While it is made, and while it is written.
  for (const [waitsMs, atMs] of [
    [1000, 100],
    [0, 100],
    [1000, MAKE_MS + 10],
    [0, MAKE_MS + 10],
  ] as const)
    for (const key of ['user:3:plan', 'summary:0', 'digest:0']) {
      const world = createWorld(clock);
      const cache = subject.createCache(world.store);
      // What it is made from is known already, except for the last: there all is under way.
      if (key === 'digest:0') for (const below of ['user:3:plan', 'summary:0']) void world.ask(cache, below);
      else if (key === 'summary:0') await world.ask(cache, 'user:3:plan');
      const first = world.ask(cache, key);
      await clock.sleep(atMs);
      world.bump({ deps: ['doc:prices'] });
      await cache.invalidate({ deps: ['doc:prices'] });
      await clock.sleep(waitsMs);
      results.push({ name: key, waitsMs, atMs, isRight: (await world.ask(cache, key)) === world.state(key) });
      await first;
    }
  return results;
}
