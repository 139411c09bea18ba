import * as subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { check, hold, meets, play, step } from '#lib/check';
import {
  allocationOf,
  corners,
  flood,
  HISTORIES,
  isInTime,
  MOMENTS,
  MOST_TURNS,
  overload,
  ROOM,
  rules,
  SHARED,
  scaling,
  turns,
} from './scenario/index.ts';

const cornersRun = play(corners, subject);
const turnsRun = play(turns, subject);
const floodRun = play(flood, subject);
const overloadRun = play(overload, subject);
const rulesRun = play(rules, subject);
const scalingRun = play(scaling, subject);

step(1);

check('keeps to the limit of each type and never locks itself up', async () => {
  const { lockEnd, lockPeak, grouped, grown, shrunk } = (await cornersRun()).value;
  hold(lockEnd === 'all done', {
    happened:
      'twelve jobs on two places, one of which may be an image, came to a halt for good: each waits for what another holds',
    expected: 'all of them done',
    help: 'Two limits, taken in different orders, lock each other. Take both in one step, or always in the same order.',
  });
  hold(lockPeak <= 1 && grouped.peak.image <= 2, {
    happened: `${Math.max(lockPeak, grouped.peak.image)} image calls were under way at once`,
    expected: 'no more than `limits.image`',
  });
  hold(grouped.peak.all <= 4, {
    happened: `${grouped.peak.all} calls were under way at once`,
    expected: 'at most 4, the capacity',
  });
  hold(grown === 4, {
    happened: `at once after setCapacity(4), with seven jobs waiting, ${grown} calls were under way`,
    expected: '4: new places are used at once',
    help: 'setCapacity has to look whether somebody waits.',
  });
  hold(shrunk === 1, {
    happened: `setCapacity(1) was called while four calls were under way; when they had ended, ${shrunk} others were`,
    expected: '1: what runs runs on, and nothing begins until there is a place again',
  });
});

check('groups jobs of one type into one call, and gives each caller its own result', async () => {
  const { grouped, failed } = (await cornersRun()).value;
  const strange = grouped.jobs.find(({ job, result }) => result !== `${job.type} of ${job.input}`);
  hold(strange === undefined, () => ({
    happened: `"${strange?.job.input}" (${strange?.job.type}) got ${strange?.result === undefined ? String(strange?.error) : `"${strange.result}"`}`,
    expected: 'the result of its own input from the handler of its own type',
    help: 'A handler answers in the order of the inputs it was given.',
  }));
  hold(grouped.calls.length <= 15, {
    happened: `120 jobs of three types were done in ${grouped.calls.length} calls`,
    expected: 'at most 15: a call takes up to 25 jobs of a type',
    help: 'When a place is free, take the most urgent job and fill the call up with others of its type.',
  });
  const mixed = grouped.calls.find(({ inputs }) => inputs.length > 25);
  hold(mixed === undefined, () => ({
    happened: `a call took ${mixed?.inputs.length} jobs`,
    expected: 'at most 25, the `batchSize`',
  }));
  const ends = failed.map((it) =>
    it.result === undefined ? `"${it.job.input}" failed` : `"${it.job.input}" done`,
  );
  const lost = failed.filter((it) => it.result === undefined).map((it) => it.job.input);
  hold(
    lost.includes('broken') &&
      lost.length <= 2 &&
      lost.every((it) => ['one', 'broken', 'three'].includes(it)),
    {
      happened: `of five jobs, two a call, one makes its call fail; they ended: ${ends.join(', ')}`,
      expected: 'the jobs of that call to be rejected and the others to be done',
    },
  );
});

check('lets no job wait for ever, whatever its priority', async () => {
  const { afterMaxWait, atMaxWait } = (await turnsRun()).value;
  inOrder(
    afterMaxWait,
    ['high first', 'low old', 'medium old', 'high', 'high 2'],
    'a place was free when a low and, 10 ms later, a medium job had waited for longer than `maxWaitMs`, and two high ones for less',
    'Strict priority starves the low queue as long as anything comes into the high one.',
  );
  inOrder(
    atMaxWait,
    ['high first', 'low', 'high'],
    'a place was free when a low job had waited for exactly `maxWaitMs`, and a high one for less',
  );
});

check('says no at once when its queue is full', async () => {
  const { low, high, calledAnyway } = (await turnsRun()).value.crowd;
  const refused = low.filter((it) => it).length;
  hold(refused === 50 - ROOM - 1 && low.slice(0, ROOM + 1).every((it) => !it), {
    happened: `fifty low jobs came to one place with room for ten of a priority to wait; ${refused} were rejected at once${refused === 39 ? ', not the last that came' : ''}`,
    expected: 'the last 39: one is called, ten wait',
    help: 'A queue without a bound turns overload into waiting, and waiting into deadlines missed by all.',
  });
  const urgent = high.filter((it) => it).length;
  hold(urgent === high.length - ROOM, {
    happened: `the low queue was full; of twelve high jobs that came then ${urgent} were rejected`,
    expected: '2: each priority has its own room for ten',
  });
  hold(calledAnyway === 0, {
    happened: `${calledAnyway} jobs were rejected and called all the same`,
    expected: 'none: nobody waits for them any more',
  });
});

check('runs only what can still be in time', async () => {
  const played = await overloadRun();
  for (const { name, isDone, wasRun } of (await turnsRun()).value.late) {
    const isGood = name.startsWith('in time');
    hold(isDone === isGood && wasRun === isGood, {
      happened: `a call had shown what texts take, another that images take longer; a job that was ${name} when a place became free was ${wasRun ? 'called' : 'not called'} and ${isDone ? 'done' : 'rejected'}`,
      expected: isGood ? 'it to be done' : 'it to be rejected, not called',
      help: 'Remember what a call of each type took: now + that is when the job would be done.',
    });
  }
  const { jobs, calls } = played.value;
  const starts = new Map(calls.map((call) => [call.inputs[0], call.startMs]));
  const dead = jobs.filter(({ job }) => (starts.get(job.input) ?? 0) > job.deadlineMs).length;
  hold(dead === 0, {
    happened: `${dead} jobs were begun after their deadline had passed`,
    expected: 'none: their callers have gone, and the place is missing for those who still wait',
    help: 'Look at the deadline when a job gets its place, not only when it comes.',
  });
  const late = jobs.filter((it) => it.result !== undefined && !isInTime(it)).length;
  hold(late <= 8, {
    happened: `${late} of ${calls.length} jobs were begun in time and finished too late`,
    expected: 'hardly any',
    help: 'First come, first served gives each place to the job that has waited longest, which is the next one to be late. Leave out what cannot be done by its deadline: now + what a call of its type takes.',
  });
  meets(played, 'goodput in overload', 'Finish few in time rather than all too late.');
});

check('answers chat in a flood of batch work', async () => {
  const played = await floodRun();
  const { byPriority, beforeMaxWait } = (await turnsRun()).value;
  const [first, ...rest] = byPriority;
  const asked = ['low 1', 'medium 1', 'high 1', 'low 2', 'medium 2', 'high 2'];
  const expected = ['high 1', 'high 2', 'medium 1', 'medium 2', 'low 1', 'low 2'].filter(
    (it) => it !== first,
  );
  inOrder(rest, expected, `one place, and at one time came ${asked.join(', ')}; after ${first}`);
  inOrder(
    beforeMaxWait,
    ['high first', 'high', 'high 2', 'medium'],
    'one place, and nobody had waited for `maxWaitMs`',
  );
  const high = played.value.jobs.filter(({ job }) => job.priority === 'high');
  const images = played.value.jobs.filter(({ job }) => job.priority === 'low');
  const missed = high.filter((it) => !isInTime(it)).length;
  const undone = images.filter((it) => it.result === undefined).length;
  hold(undone === 0, {
    happened: `${undone} of the ${images.length} images were not done`,
    expected: 'all of them: they had two minutes, and a call takes up to 25',
  });
  hold(missed <= high.length * 0.02, {
    happened: `${missed} of ${high.length} chat jobs missed their deadline of two seconds behind 300 images`,
    expected: 'at most one in fifty',
    help: 'High before medium before low, and a place that `limits` keeps free of images.',
  });
  meets(played, 'p95 of chat in the flood');
});

step(2);

const follows = check('scales with the calls that wait, not with the CPU', async () => {
  const played = await scalingRun();
  const hour = played.value;
  const { places } = (await rulesRun()).value;
  MOMENTS.forEach(({ capacity, busy, waiting, restedMs, policy, least, most }, i) => {
    const asked = places[i] ?? Number.NaN;
    hold(asked >= least && asked <= most && Number.isInteger(asked), {
      happened: `${capacity} places, ${busy} calls under way, ${waiting} waiting, the last change ${restedMs / 1000} s ago (targetUse ${policy.targetUse}, ${policy.min} to ${policy.max} places, cooldown 60 s): \`autoscale\` asked for ${asked}`,
      expected: least === most ? `${least}` : `${least} to ${most}`,
      help: `The need is (${busy} + ${waiting}) / ${policy.targetUse}.`,
    });
  });
  meets(
    played,
    'p95 wait for a place',
    `In this hour: ${allocationOf(hour)}. Calls that wait for the network leave the CPU cold. Count calls under way and jobs that wait.`,
  );
  meets(
    played,
    'places idle or missing',
    `In this hour: ${allocationOf(hour)}. Give back what is not in use.`,
  );
  hold(hour.turns <= MOST_TURNS, {
    happened: `in an hour that goes up once and down once it turned ${hour.turns} times: ${allocationOf(hour)}`,
    expected: `at most ${MOST_TURNS} turns`,
    help: 'Up at once, down only after cooldownMs without a change, and only when it is clearly too much.',
  });
});

check('tells what will be needed, and shares the places out', { needs: [follows] }, async () => {
  const { predicted, shares } = (await rulesRun()).value;
  HISTORIES.forEach(({ history, ahead, expected }, i) => {
    const found = predicted[i];
    hold(found !== undefined && Math.abs(found - expected) < 1e-6, {
      happened:
        found === undefined
          ? 'there is no `predict`'
          : `after ${history.join(', ')}, \`predict\` said ${found} for ${ahead} samples later`,
      expected:
        found === undefined
          ? '`export function predict(history, ahead)`'
          : `${expected}, on the straight line of least squares, and never less than nothing`,
    });
  });
  SHARED.forEach(({ places, needs, weights, shares: fair }, i) => {
    const given = shares[i];
    const [text, image, analysis] = given ?? [];
    const all = (given ?? []).reduce((sum, it) => sum + it, 0);
    const most = Math.min(
      places,
      needs.reduce((sum, it) => sum + it, 0),
    );
    const isFair = given?.every((it, k) => Number.isInteger(it) && Math.abs(it - (fair[k] ?? 0)) < 1);
    hold(isFair === true && all === most, {
      happened: given
        ? `of ${places} places, with needs of ${needs.join(', ')} and weights of ${weights.join(', ')}, text got ${text}, image ${image}, analysis ${analysis}`
        : 'there is no `allocate`',
      expected: given
        ? `${most} in all, for each about ${fair.join(', ')}`
        : '`export function allocate(places, needs, weights)`',
    });
  });
});

function inOrder(called: readonly string[], expected: readonly string[], when: string, help?: string): void {
  hold(called.join() === expected.join(), {
    happened: `${when}: called were ${called.join(', ')}`,
    expected: expected.join(', '),
    ...(help && { help }),
  });
}
