import type { Clock } from '#lib/clock';
import type * as Contract from '../../contracts/profile.ts';

/** Two requests to warm up and five that count: an odd number, so that one of them is in the middle. */
export const SCRIPT = { warmUp: 2, requests: 5, concurrency: 2 };

/** What the five take, less the median. The mean is far above it. */
const AROUND_MS = [0, -50, 400, 300, -20];
const COLD_MS = 5000;

/** A program whose requests take what the script says. */
function scripted(name: string, medianMs: number, clock: Clock): Contract.Impl {
  return {
    name,
    start: async () => ({
      request: (number) => {
        const aroundMs = AROUND_MS[number - SCRIPT.warmUp];
        return clock.sleep(aroundMs === undefined ? COLD_MS : medianMs + aroundMs);
      },
      cpuMs: () => 0,
      stop() {},
    }),
  };
}

/** Medians that differ by more or less than a tenth, by whichever of the two it is reckoned; the first is the program "a". */
const PAIRS: [medianMs: Contract.Pair, winner: string | null][] = [
  [[910, 1000], null],
  [[1000, 910], null],
  [[1000, 1000], null],
  [[890, 1000], 'a'],
  [[1000, 890], 'b'],
];

export interface Compared {
  medianMs: Contract.Pair;
  winner: string | null;
  verdict: Contract.Verdict;
}

export async function compareScripted(
  fairBench: (
    a: Contract.Impl,
    b: Contract.Impl,
    options: Contract.BenchOptions,
  ) => Promise<Contract.Verdict>,
  clock: Clock,
): Promise<Compared[]> {
  const compared: Compared[] = [];
  for (const [medianMs, winner] of PAIRS) {
    const [a, b] = [scripted('a', medianMs[0], clock), scripted('b', medianMs[1], clock)];
    compared.push({ medianMs, winner, verdict: await fairBench(a, b, SCRIPT) });
  }
  return compared;
}
