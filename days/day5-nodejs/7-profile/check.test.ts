import * as subject from '#days/day5-nodejs/7-profile/profile.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { BENCH, languages, profiles } from './scenario/index.ts';

const profileRun = play(profiles, subject);
const languageRun = play(languages, subject);

step(1);

check('tells what a function takes itself from what it takes with all it calls', async () => {
  const played = await profileRun();
  const { nested } = played.value;
  const { hotspots } = played.traffic.nested.truth;
  const first = nested.hotspots.find((it) => !it.functionName.startsWith('('));
  hold(first?.functionName === hotspots[0]?.functionName, {
    happened: `"${first?.functionName}" came first, with ${ms(first?.selfMs)} of its own`,
    expected: `"${hotspots[0]?.functionName}" with ${ms(hotspots[0]?.selfMs)}; main and handle only call others`,
    help: 'Self time: samples in which the function is on top. Total (cumulative) time: and those of all it calls.',
  });
  for (const { functionName, selfMs, totalMs } of hotspots) {
    const found = nested.hotspots.filter((it) => it.functionName === functionName);
    hold(
      found.some((it) => near(it.selfMs, selfMs)),
      {
        happened: `"${functionName}" was given ${found.map((it) => ms(it.selfMs)).join(' and ') || 'no time'} of its own`,
        expected: ms(selfMs),
        help: 'A function has a node for each way in which it was called: add them up. Two functions of one name stay two, in two files and at two lines of one file.',
      },
    );
    hold(
      found.some((it) => near(it.selfMs, selfMs) && near(it.totalMs, totalMs)),
      {
        happened: `"${functionName}" was given a total of ${found.map((it) => ms(it.totalMs)).join(' and ')}`,
        expected: ms(totalMs),
        help: 'A function that calls itself is on the stack several times and still takes each moment once.',
      },
    );
  }
  const listed = nested.hotspots.filter((it) => !it.functionName.startsWith('(')).map((it) => it.selfMs);
  hold(
    listed.every((it, i) => it <= (listed[i - 1] ?? it)),
    {
      happened: `the hot spots took ${listed.map(ms).join(', ')} of their own, in that order`,
      expected: 'the one that takes most first',
    },
  );
  meets(played, 'error of the self times');
});

check('names what burns the CPU, not what waits', async () => {
  const { pipeline, nested, edge } = (await profileRun()).value;
  const engine = [...pipeline.hotspots, ...nested.hotspots, ...edge.hotspots].find((it) =>
    it.functionName.startsWith('('),
  );
  hold(engine === undefined, {
    happened: `"${engine?.functionName}" is called a hot spot, with ${ms(engine?.selfMs)}`,
    expected: 'functions of the program',
    help: '(idle) is the event loop with nothing to do: the awaited network. No code of yours makes it shorter by being faster.',
  });
  hold(pipeline.hotspots[0]?.functionName === 'countTokens', {
    happened: `in the recorded pipeline "${pipeline.hotspots[0]?.functionName}" came first`,
    expected: '"countTokens"',
  });
});

check('leaves alone what cannot make a difference', async () => {
  const { network, edge } = (await profileRun()).value;
  const [first] = network.hotspots;
  hold(network.hotspots.length === 0, {
    happened: `a program that waits ten seconds was told to mend "${first?.functionName}", which takes ${ms(first?.selfMs)} of them`,
    expected: 'no hot spot: without that function it would be as slow',
    help: 'Take the share of the wall time, idle included, not of the CPU time: 2 ms of 2,000 are 0.1 %.',
  });
  const named = edge.hotspots.map((it) => `${it.functionName} ${ms(it.selfMs)}`).join(', ');
  hold(named === 'work 6 ms, boot 1 ms', {
    happened: `where boot takes exactly 5 % of the wall time and just a little less, the hot spots were ${named || 'none'}`,
    expected: 'work 6 ms, boot 1 ms: 5 % or more of the wall time',
  });
});

check('tells how long the event loop stood still', async () => {
  const { value, traffic } = await profileRun();
  const truthMs = traffic.nested.truth.longestBlockMs;
  hold(near(value.nested.longestBlockMs, truthMs), {
    happened: `longestBlockMs was ${ms(value.nested.longestBlockMs)}`,
    expected: `${ms(truthMs)}: the longest stretch between two samples of (idle)`,
    help: 'The event loop turns when it is idle, and only then: (program) and (garbage collector) are work. All other samples in a row are one block: nobody else is served.',
  });
  for (const [what, { longestBlockMs }, expectedMs] of [
    ['a program that begins with its longest block', value.edge, 6],
    ['a program that only waits', value.waits, 0],
    ['a program that never waits', value.neverIdle, 5],
  ] as const)
    hold(near(longestBlockMs, expectedMs), {
      happened: `of ${what}, longestBlockMs was ${ms(longestBlockMs)}`,
      expected: ms(expectedMs),
    });
  const [before, after] = [value.pipeline.longestBlockMs, value.fixed.longestBlockMs];
  hold(after < before / 2, {
    happened: `the longest block of the recorded pipeline was ${ms(before)} and of the mended one ${ms(after)}`,
    expected: 'the mended one to be far shorter',
  });
});

step(2);

const fair = check('gives both sides the same conditions', async () => {
  const { network, cpu } = (await languageRun()).value;
  for (const { seen } of [network, cpu]) {
    const [a, b] = seen;
    const reuse = [a, b].map(
      ({ name, keepAlive }) =>
        `${name} ${keepAlive.every(Boolean) ? 'kept' : 'did not keep'} its connections`,
    );
    hold(a.keepAlive.every(Boolean) && b.keepAlive.every(Boolean), {
      happened: `${reuse.join(', ')}: what was measured is 130 ms of handshake`,
      expected: 'both to keep them',
      help: 'Libraries differ in their defaults. Say it: `start({ keepAlive: true })`.',
    });
    hold(a.peak === BENCH.concurrency && b.peak === BENCH.concurrency, {
      happened: `${a.name} had ${a.peak} requests under way at once and ${b.name} ${b.peak}`,
      expected: `${BENCH.concurrency} on both sides`,
      help: 'Waiting overlaps. Who may have more under way looks faster in every language.',
    });
    for (const { name, stoppedAfter, requests } of seen)
      hold(stoppedAfter === requests.length, {
        happened: `${name} was ${stoppedAfter < 0 ? 'never stopped' : `stopped when ${stoppedAfter} of ${requests.length} requests were answered`}`,
        expected: '`stop()` after the last request: it would run on beside what is measured next',
      });
    hold(a.disturbed + b.disturbed === 0, {
      happened: `${a.disturbed + b.disturbed} requests began while the other program was at work`,
      expected: 'one program at work at a time: on one machine they would take the CPU from each other',
    });
    for (const { name, requests } of seen)
      hold(new Set(requests).size === requests.length, {
        happened: `${name} was sent ${requests.length} requests, ${new Set(requests).size} different ones`,
        expected: 'each once: a provider with a cache answers the second from there',
      });
    hold(sorted(a.requests).join() === sorted(b.requests).join(), {
      happened: 'the two sides were sent different requests',
      expected: 'the same ones: some answers take far longer than others',
    });
  }
});

check('leaves start and warm-up out of the figures', { needs: [fair] }, async () => {
  const played = await languageRun();
  const { seen, verdict, truth } = played.value.network;
  const all = Array.from({ length: BENCH.warmUp + BENCH.requests }, (_, number) => number);
  for (const [i, { name, requests }] of seen.entries()) {
    hold(sorted(requests).join() === all.join(), {
      happened: `${name} was sent ${requests.length} requests, from ${Math.min(...requests)} to ${Math.max(...requests)}`,
      expected: `those from 0 to ${all.length - 1}: ${BENCH.warmUp} that do not count, then ${BENCH.requests}`,
    });
    const given = verdict.medianMs[i] ?? 0;
    hold(near(given, truth[i] ?? 0, 0.05), {
      happened: `the median of ${name} was given as ${ms(given)}, over ${requests.length} requests in all`,
      expected: `${ms(truth[i])}, which is what it takes when it is warm: ${BENCH.warmUp} requests first that do not count, then ${BENCH.requests}`,
      help: 'The time to start belongs to deployments, the first requests of a process to its compiler. Start the stopwatch at each request that counts.',
    });
  }
  for (const { medianMs, verdict } of played.value.scripted)
    hold(
      verdict.medianMs.every((given, i) => near(given, medianMs[i] ?? 0)),
      {
        happened: `of five requests each, the medians were given as ${verdict.medianMs.map(ms).join(' and ')}`,
        expected: `${medianMs.map(ms).join(' and ')}: the third of five in order`,
      },
    );
  meets(played, 'error of the medians');
});

check('finds no difference where the network decides', { needs: [fair] }, async () => {
  const { network, scripted } = (await languageRun()).value;
  const { verdict } = network;
  hold(verdict.winner === null, {
    happened: `calls that wait 800 ms for a model were won by ${verdict.winner}, ${ms(verdict.medianMs[0])} to ${ms(verdict.medianMs[1])}`,
    expected: 'null: less than a tenth is no difference',
    help: 'Half a millisecond of 800 is measured well and means nothing.',
  });
  for (const it of scripted.filter(({ winner }) => winner === null))
    hold(it.verdict.winner === null, {
      happened: `${it.medianMs.map(ms).join(' to ')} was won by ${it.verdict.winner}`,
      expected: 'null: less than a tenth is no difference, whichever of the two comes first',
    });
});

check('finds the winner where the CPU decides, and says by how much CPU', async () => {
  const { network, cpu, scripted } = (await languageRun()).value;
  hold(cpu.verdict.winner === 'Node', {
    happened: `counting tokens was won by ${cpu.verdict.winner ?? 'nobody'}, ${ms(cpu.verdict.medianMs[0])} to ${ms(cpu.verdict.medianMs[1])}`,
    expected: 'Node: here it needs a sixth of the CPU time',
  });
  for (const it of scripted.filter(({ winner }) => winner !== null))
    hold(it.verdict.winner === it.winner, {
      happened: `${it.medianMs.map(ms).join(' to ')} was won by ${it.verdict.winner ?? 'nobody'}`,
      expected: `"${it.winner}", which takes a tenth less and more than that`,
    });
  for (const { verdict, cpuPerRequest } of [network, cpu]) {
    for (const [i, truthMs] of cpuPerRequest.entries()) {
      hold(near(verdict.cpuMsPerRequest[i] ?? 0, truthMs, 0.02), {
        happened: `cpuMsPerRequest was ${ms(verdict.cpuMsPerRequest[i])}`,
        expected: `${ms(truthMs)}, by the clock of the process`,
        help: 'Wall time contains the waiting. CPU time is `cpuMs()` after less `cpuMs()` before, in Node process.cpuUsage().',
      });
    }
  }
});

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((a, b) => a - b);
}

function near(value: number, expected: number, tolerance = 0.005): boolean {
  return Math.abs(value - expected) <= tolerance * Math.max(expected, 0.001) + 0.002;
}

function ms(value: number | undefined): string {
  return value === undefined ? 'nothing' : `${Math.round(value * 10) / 10} ms`;
}
