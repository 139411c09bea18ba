import { readFileSync } from 'node:fs';
import type * as Subject from '#days/day5-nodejs/7-profile/profile.ts';
import { defineScenario, type Random, sum } from '#lib/provider';
import type * as Contract from '../../contracts/profile.ts';

type Profile = Contract.CpuProfile;
type ProfileNode = Profile['nodes'][number];

/** A profile made for this lab, and what is true of it. */
interface Made {
  profile: Profile;
  truth: Contract.Diagnosis;
}

const BETWEEN = '(idle)';

/** Functions of a made-up program: who calls whom, and how many milliseconds of its own each takes in a burst. */
interface Shape {
  path: string[];
  ms: () => number;
}

/** Bursts of work with waiting between them. Recursion, and two functions of one name in two files. */
function makeProfile(random: Random, shapes: readonly Shape[], bursts: number, idleMs: () => number): Made {
  const nodes: ProfileNode[] = [];
  const children = new Map<number, number[]>();
  const idOf = (path: readonly string[]): number => {
    const known = paths.get(path.join('>'));
    if (known !== undefined) return known;
    const id = nodes.length + 1;
    const [functionName = '', url = 'file:///app/main.mjs', line] = (path.at(-1) ?? '').split(/@|#/);
    const own: number[] = [];
    nodes.push({
      id,
      callFrame: { functionName, url, lineNumber: Number(line ?? functionName.length) },
      children: own,
    });
    children.set(id, own);
    paths.set(path.join('>'), id);
    if (path.length > 1) children.get(idOf(path.slice(0, -1)))?.push(id);
    return id;
  };
  const paths = new Map<string, number>();
  idOf(['(root)']);
  const samples: number[] = [];
  const timeDeltas: number[] = [];
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  let longestMs = 0;
  const add = (path: string[], ms: number) => {
    const micros = Math.round(ms * 1000);
    samples.push(idOf(['(root)', ...path]));
    timeDeltas.push(micros);
    const own = path.at(-1) ?? '';
    self.set(own, (self.get(own) ?? 0) + micros / 1000);
    for (const name of new Set(path)) total.set(name, (total.get(name) ?? 0) + micros / 1000);
    return micros / 1000;
  };
  for (let burst = 0; burst < bursts; burst += 1) {
    add([BETWEEN], idleMs());
    let blockMs = 0;
    for (let slice = 0; slice < 3; slice += 1)
      for (const { path, ms } of random.shuffle(shapes)) blockMs += add(path, ms() / 3);
    longestMs = Math.max(longestMs, blockMs);
  }
  add([BETWEEN], idleMs());
  const wallMs = sum(timeDeltas) / 1000;
  const hotspots = [...self]
    .filter(([name, ms]) => !name.startsWith('(') && ms >= 0.05 * wallMs)
    .map(([name, selfMs]) => ({
      functionName: name.split('@')[0] ?? '',
      selfMs,
      totalMs: total.get(name) ?? 0,
    }))
    .sort((a, b) => b.selfMs - a.selfMs);
  return { profile: { nodes, samples, timeDeltas }, truth: { hotspots, longestBlockMs: longestMs } };
}

/** A profile of functions without callers, each on top for so many microseconds. */
function profileOf(taken: readonly [name: string, micros: number][]): Profile {
  const names = [...new Set(taken.map(([name]) => name))];
  const frame = (functionName: string) => ({ functionName, url: 'file:///app/main.mjs', lineNumber: 1 });
  return {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: names.map((_, i) => i + 2) },
      ...names.map((name, i) => ({ id: i + 2, callFrame: frame(name) })),
    ],
    samples: taken.map(([name]) => names.indexOf(name) + 2),
    timeDeltas: taken.map(([, micros]) => micros),
  };
}

/** Of 20 ms `boot` takes exactly 5 %, `just` a little less; the engine takes more, which is work and no hot spot. */
const EDGE = profileOf([
  ['boot', 1000],
  ['work', 5000],
  ['(idle)', 5625],
  ['(program)', 1000],
  ['(garbage collector)', 1500],
  ['just', 875],
  ['work', 1000],
  ['(idle)', 4000],
]);
const WAITS = profileOf([['(idle)', 10_000]]);
const NEVER_IDLE = profileOf([
  ['work', 3000],
  ['(program)', 2000],
]);

/** A profile recorded with `node --cpu-prof`, reduced to the functions of profiles/pipeline.mjs. */
export function recorded(name: 'pipeline' | 'fixed'): Profile {
  return JSON.parse(
    readFileSync(new URL(`../../profiles/${name}.cpuprofile`, import.meta.url), 'utf8'),
  ) as Profile;
}

/** Made-up programs with known figures, and two recorded ones. */
export const profiles = defineScenario({
  traffic(random) {
    const about = (ms: number) => () => ms * (0.7 + 0.6 * random.next());
    const nested = makeProfile(
      random,
      [
        { path: ['main', 'handle', 'renderPage'], ms: about(6) },
        { path: ['main', 'handle', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree', 'walkTree'], ms: about(5) },
        { path: ['main', 'handle', 'walkTree', 'walkTree', 'escapeText'], ms: about(3) },
        { path: ['main', 'handle', 'parse@file:///app/json.mjs'], ms: about(8) },
        { path: ['main', 'handle', 'parse@file:///app/csv.mjs'], ms: about(4) },
        { path: ['main', 'handle', 'close@file:///app/main.mjs#20'], ms: about(4) },
        { path: ['main', 'handle', 'close@file:///app/main.mjs#90'], ms: about(7) },
        { path: ['main', 'handle', '(garbage collector)'], ms: about(1) },
        { path: ['(program)'], ms: about(2) },
        { path: ['main', 'handle'], ms: about(0.5) },
      ],
      12,
      about(20),
    );
    const network = makeProfile(
      random,
      [
        { path: ['main', 'buildPrompt'], ms: about(1.6) },
        { path: ['main', 'parseAnswer'], ms: about(0.4) },
      ],
      5,
      about(2000),
    );
    return { nested, network, pipeline: recorded('pipeline'), fixed: recorded('fixed') };
  },
  play({ diagnose }: typeof Subject, { traffic }) {
    const { nested, network, pipeline, fixed } = traffic;
    return {
      nested: diagnose(nested.profile),
      network: diagnose(network.profile),
      pipeline: diagnose(pipeline),
      fixed: diagnose(fixed),
      edge: diagnose(EDGE),
      waits: diagnose(WAITS),
      neverIdle: diagnose(NEVER_IDLE),
    };
  },
  readings({ traffic, outcome }) {
    const { hotspots } = traffic.nested.truth;
    const found = outcome.value.nested.hotspots;
    const off = hotspots.map(({ functionName, selfMs }) => {
      const near = found
        .filter((it) => it.functionName === functionName)
        .map((it) => Math.abs(it.selfMs - selfMs));
      return Math.min(selfMs, ...near);
    });
    return {
      // Self times are exact: they are sums of what the profile says.
      'error of the self times': {
        unit: 'share',
        better: 'lower',
        value: sum(off) / sum(hotspots.map((it) => it.selfMs)),
        target: 0.01,
        limit: 0,
      },
    };
  },
});
