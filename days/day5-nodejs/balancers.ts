import type { Candidate, RouterOptions } from './contracts/router.ts';

export type Balance = RouterOptions['balance'];

/** Four ways of choosing among deployments that are equally fit, made anew for each router: one of them counts. */
export const balancers = {
  /** Each in its turn. Fair in numbers, whatever each of them can do. */
  'round robin': (): Balance => {
    let turn = 0;
    return (candidates) => candidates[turn++ % candidates.length] as Candidate;
  },

  /** At random, by the weights that somebody has written down. Right until something changes. */
  weighted: (): Balance => byWeight(({ deployment }) => deployment.weight ?? 1),

  /** At random, by how fast each has been. It knows what was, some answers ago. */
  'latency-weighted': (): Balance => byWeight(({ meanMs }) => 1 / meanMs),

  /** Two at random, and of these the one that will be free first. It knows what is. */
  'two random choices': (): Balance => (candidates, random) => {
    const first = Math.floor(random() * candidates.length);
    const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
    const [one, other] = [candidates[first], candidates[second]] as [Candidate, Candidate];
    return busyness(other) < busyness(one) ? other : one;
  },
} satisfies Record<string, () => Balance>;

export type BalancerName = keyof typeof balancers;

function byWeight(weightOf: (candidate: Candidate) => number): Balance {
  return (candidates, random) => {
    const weights = candidates.map(weightOf);
    let left = random() * weights.reduce((total, weight) => total + weight, 0);
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    return (candidates[at] ?? candidates.at(-1)) as Candidate;
  };
}

function busyness({ inFlight, meanMs }: Candidate): number {
  return (inFlight + 1) * meanMs;
}
