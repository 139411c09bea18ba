import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import { defineScenario, randomFor } from '#lib/provider';
import type * as Contract from '../contracts/router.ts';
import { refusal, scripted, type Told } from './scripted.ts';

const MIXED = [{ name: 'east' }, { name: 'bought', places: 2 }, { name: 'leased', places: 1 }];
/** The first to end is one in a paid place. */
const FIRST_END_MS = 500;

/** Five calls at one time for three paid places; one more when a place is free again; one when all are. All are streamed. */
export const places = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    const offered = new Set<string>();
    const { ask } = scripted(subject, clock, {
      deployments: MIXED,
      balance: (candidates) => {
        for (const { deployment } of candidates) offered.add(deployment.name);
        return candidates[0] as Contract.Candidate;
      },
      turn: ({ to, nth }) => ({ ms: to === 'bought' && nth === 1 ? FIRST_END_MS : 1000 }),
    });
    const asked = ({ asked: [first = 'nobody'] }: Told) => first;
    const atOnce = Promise.all(Array.from({ length: 5 }, () => ask({ isStreamed: true })));
    await clock.sleep(FIRST_END_MS + 100);
    const sixth = asked(await ask({ isStreamed: true }));
    const last = asked(await ask({ isStreamed: true }));
    const bought = scripted(subject, clock, {
      deployments: [{ name: 'bought', places: 1 }],
      turn: () => ({ ms: 1000 }),
    });
    const crowd = await Promise.all([bought.ask({ isStreamed: true }), bought.ask({ isStreamed: true })]);
    return {
      atOnce: (await atOnce).map(asked),
      sixth,
      last,
      offered: [...offered],
      unanswered: crowd.find(({ text }) => text === undefined)?.error,
    };
  },
});

const TENANTS = 60;

/** Sixty tenants ask for a stream twice, one after the other, while the balance would take turns. */
export const homes = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    let turn = 0;
    const { ask } = scripted(subject, clock, {
      balance: (candidates) => candidates[turn++ % candidates.length] as Contract.Candidate,
      turn: () => ({ ms: 100 }),
    });
    const asked: string[][] = [];
    for (let i = 0; i < 2 * TENANTS; i += 1) {
      const tenant = i % TENANTS;
      asked[tenant] = [
        ...(asked[tenant] ?? []),
        ...(await ask({ isStreamed: true, tenant: `tenant-${tenant}` })).asked,
      ];
    }
    return asked;
  },
});

/** How long answers take: no two calls begin and end in the same moment. */
export const TAKES_MS: Record<string, number> = { east: 430, west: 1630, north: 830 };
export const SLOWED_MS = 1230;
const EVERY_MS = 100;

/** Three hundred and more calls in turn, of which the balance sees what it is told. East becomes slow, then fails at times. */
export const told = defineScenario({
  traffic: () => null,
  async play(subject: typeof Subject, { clock }) {
    let phase = 0;
    let turn = 0;
    let means: Record<string, number> = {};
    let leastMs = Number.POSITIVE_INFINITY;
    let miscounted: { name: string; told: number; truth: number } | undefined;
    const { ask, sent } = scripted(subject, clock, {
      balance(candidates) {
        means = Object.fromEntries(candidates.map((it) => [it.deployment.name, it.meanMs]));
        if (phase === 3) leastMs = Math.min(leastMs, means.east ?? leastMs);
        for (const { deployment, inFlight } of candidates) {
          const truth = sent.filter(({ to, endMs }) => to === deployment.name && endMs === Infinity).length;
          if (inFlight !== truth) miscounted ??= { name: deployment.name, told: inFlight, truth };
        }
        return candidates[turn++ % candidates.length] as Contract.Candidate;
      },
      turn({ to, nth }) {
        if (to !== 'east' || phase < 2) return { ms: TAKES_MS[to] ?? 0 };
        return phase === 3 && nth % 8 === 0 ? { ms: 20, error: refusal(500) } : { ms: SLOWED_MS };
      },
    });
    // Streamed, so that no second call is made for a slow one.
    const calls = async (count: number) => {
      const all = [];
      for (let i = 0; i < count; i += 1) {
        all.push(ask({ isStreamed: true }));
        await clock.sleep(EVERY_MS);
      }
      await Promise.all(all);
      await ask({ isStreamed: true });
      return means;
    };
    phase = 1;
    const at = { first: await calls(90) };
    phase = 2;
    const slowed = await calls(300);
    phase = 3;
    await calls(90);
    return { ...at, slowed, leastMs, miscounted };
  },
});

const DRAWS = 20_000;
const candidate = (name: string, weight: number | undefined, meanMs: number, inFlight = 0) => ({
  deployment: { name, ...(weight !== undefined && { weight }) },
  meanMs,
  inFlight,
});

/** What is drawn from, and how often each is to be drawn. */
export const DRAWN = {
  byWeight: [
    {
      of: [candidate('a', 6, 100, 9), candidate('b', 3, 9000), candidate('c', 1, 500)],
      shares: [0.6, 0.3, 0.1],
    },
    {
      of: [candidate('a', undefined, 100), candidate('b', 2, 100), candidate('c', undefined, 100)],
      shares: [0.25, 0.5, 0.25],
    },
    {
      of: [candidate('a', 0, 100), candidate('b', 2, 100), candidate('c', 1, 100)],
      shares: [0, 2 / 3, 1 / 3],
    },
    { of: [candidate('a', 3, 100)], shares: [1] },
  ],
  byLatency: [
    {
      of: [candidate('a', 1, 500, 9), candidate('b', 9, 1000), candidate('c', 1, 2000)],
      shares: [4 / 7, 2 / 7, 1 / 7],
    },
    { of: [candidate('a', 1, 800), candidate('b', 5, 200)], shares: [0.2, 0.8] },
  ],
};

/** Twenty thousand draws from each list; undefined where the function is missing. */
export const draws = defineScenario({
  traffic: () => null,
  play(subject: typeof Subject) {
    const random = randomFor('draws');
    const of = (draw: Contract.RouterOptions['balance'] | undefined, lists: (typeof DRAWN)['byWeight']) =>
      draw &&
      lists.map(({ of: candidates }) => {
        const drawn = Array.from({ length: DRAWS }, () => draw(candidates, () => random.next()));
        return candidates.map((it) => drawn.filter((one) => one === it).length / DRAWS);
      });
    return {
      byWeight: of(subject.byWeight, DRAWN.byWeight),
      byLatency: of(subject.byLatency, DRAWN.byLatency),
    };
  },
});
