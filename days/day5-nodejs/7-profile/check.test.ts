import * as subject from '#days/day5-nodejs/7-profile/profile.ts';
import { check, hold, meets, play } from '#lib/check';
import { BENCH, languages, profiles } from './scenario/index.ts';

const profileRun = play(profiles, subject);
const languageRun = play(languages, subject);

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
  meets(played, 'error of the self times');
});

check('names what burns the CPU, not what waits', async () => {
  const { pipeline, nested } = (await profileRun()).value;
  const engine = [...pipeline.hotspots, ...nested.hotspots].find((it) => it.functionName.startsWith('('));
  hold(engine === undefined, {
    happened: `the recorded pipeline waits a second for its network, and "${engine?.functionName}" is called a hot spot`,
    expected: 'functions of the program',
    help: '(idle) is the event loop with nothing to do: the awaited network. No code of yours makes it shorter by being faster.',
  });
  hold(pipeline.hotspots[0]?.functionName === 'countTokens', {
    happened: `in the recorded pipeline "${pipeline.hotspots[0]?.functionName}" came first`,
    expected: '"countTokens"',
  });
});

check('leaves alone what cannot make a difference', async () => {
  const { network } = (await profileRun()).value;
  const [first] = network.hotspots;
  hold(network.hotspots.length === 0, {
    happened: `a program that waits ten seconds was told to mend "${first?.functionName}", which takes ${ms(first?.selfMs)} of them`,
    expected: 'no hot spot: without that function it would be as slow',
    help: 'Take the share of the wall time, idle included, not of the CPU time: 2 ms of 2,000 are 0.1 %.',
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
  const [before, after] = [value.pipeline.longestBlockMs, value.fixed.longestBlockMs];
  hold(after < before / 2, {
    happened: `the longest block of the recorded pipeline was ${ms(before)} and of the mended one ${ms(after)}`,
    expected: 'the mended one to be far shorter',
  });
});

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
    const running = seen.filter(({ stopped }) => !stopped).map(({ name }) => name);
    hold(running.length === 0, {
      happened: `${running.join(' and ')} ${running.length > 1 ? 'were' : 'was'} never stopped`,
      expected: '`stop()` after the last request: it would run on beside what is measured next',
    });
    hold(a.disturbed + b.disturbed === 0, {
      happened: `${a.disturbed + b.disturbed} requests began while the other program was at work`,
      expected: 'one program at work at a time: on one machine they would take the CPU from each other',
    });
    const sets = seen.map(({ requests }) => [...new Set(requests)].sort((x, y) => x - y).join());
    hold(sets[0] === sets[1], {
      happened: 'the two sides were sent different requests',
      expected: 'the same ones: some answers take three times as long as others',
    });
  }
});

check('leaves start and warm-up out of the figures', { needs: [fair] }, async () => {
  const played = await languageRun();
  const { seen, verdict, truth } = played.value.network;
  for (const [i, { name, requests }] of seen.entries()) {
    const given = verdict.medianMs[i] ?? 0;
    hold(near(given, truth[i] ?? 0, 0.05), {
      happened: `the median of ${name} was given as ${ms(given)}, over ${requests.length} requests in all`,
      expected: `${ms(truth[i])}, which is what it takes when it is warm: ${BENCH.warmUp} requests first that do not count, then ${BENCH.requests}`,
      help: 'The time to start belongs to deployments, the first requests of a process to its compiler. Start the stopwatch at each request that counts.',
    });
  }
  meets(played, 'error of the medians');
});

check('finds no difference where the network decides', { needs: [fair] }, async () => {
  const { verdict } = (await languageRun()).value.network;
  hold(verdict.winner === null, {
    happened: `calls that wait 800 ms for a model were won by ${verdict.winner}, ${ms(verdict.medianMs[0])} to ${ms(verdict.medianMs[1])}`,
    expected: 'null: less than a tenth is no difference',
    help: 'Half a millisecond of 800 is measured well and means nothing.',
  });
});

check('finds the winner where the CPU decides, and says by how much CPU', async () => {
  const { network, cpu } = (await languageRun()).value;
  hold(cpu.verdict.winner === 'Node', {
    happened: `counting tokens was won by ${cpu.verdict.winner ?? 'nobody'}, ${ms(cpu.verdict.medianMs[0])} to ${ms(cpu.verdict.medianMs[1])}`,
    expected: 'Node: here it needs a sixth of the CPU time',
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

function near(value: number, expected: number, tolerance = 0.005): boolean {
  return Math.abs(value - expected) <= tolerance * Math.max(expected, 0.001) + 0.002;
}

function ms(value: number | undefined): string {
  return value === undefined ? 'nothing' : `${Math.round(value * 10) / 10} ms`;
}
