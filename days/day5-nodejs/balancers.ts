import type { Candidate, RouterOptions } from './contracts/router.ts';

export type Balance = RouterOptions['balance'];

/** Two ways of choosing among deployments that are equally fit, made anew for each router. Lab 5 writes two more. */
export const balancers = {
  /** Each in its turn. Fair in numbers, whatever each of them can do. */
  'round robin': (): Balance => {
    let turn = 0;
    return (candidates) => candidates[turn++ % candidates.length] as Candidate;
  },

  /** Two at random, and of these the one that will be free first. It knows what is. */
  'two random choices': (): Balance => (candidates, random) => {
    const first = Math.floor(random() * candidates.length);
    const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
    const [one, other] = [candidates[first], candidates[second]] as [Candidate, Candidate];
    return busyness(other) < busyness(one) ? other : one;
  },
} satisfies Record<string, () => Balance>;

function busyness({ inFlight, meanMs }: Candidate): number {
  return (inFlight + 1) * meanMs;
}
