import * as subject from '#days/day5-nodejs/6-scheduler/scheduler.ts';
import { check, hold, meets, play } from '#lib/check';
import {
  allocationOf,
  corners,
  flood,
  isInTime,
  overload,
  POLICY,
  saturated,
  scaling,
} from './scenario/index.ts';

const cornersRun = play(corners, subject);
const floodRun = play(flood, subject);
const saturatedRun = play(saturated, subject);
const overloadRun = play(overload, subject);
const scalingRun = play(scaling, subject);

check('keeps to the limit of each type and never locks itself up', async () => {
  const { lockEnd, lockPeak, grouped, grown } = (await cornersRun()).value;
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
  hold(grown.peak === 4, {
    happened: `after setCapacity(4), with seven jobs waiting, ${grown.peak} calls ran at once`,
    expected: '4: new places are used at once',
    help: 'setCapacity has to look whether somebody waits.',
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
  const ends = failed.map((it) => (it.result === undefined ? 'failed' : 'done')).join(' ');
  hold(ends.includes('failed') && ends.endsWith('done done'), {
    happened: `five jobs were submitted, one of them makes its call fail, and they ended: ${ends}`,
    expected: 'the jobs of that call to be rejected and the others to be done',
  });
});

check('says no at once when its queue is full', async () => {
  const { crowd } = (await cornersRun()).value;
  hold(crowd.atOnce >= 39 && crowd.served <= 11, {
    happened: `fifty jobs came to one place with room for ten to wait; ${crowd.atOnce} were rejected at once and ${crowd.served} done`,
    expected: '39 rejected at once, 11 done',
    help: 'A queue without a bound turns overload into waiting, and waiting into deadlines missed by all.',
  });
});

check('runs only what can still be in time', async () => {
  const played = await overloadRun();
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

check('lets no job wait for ever, whatever its priority', async () => {
  const played = await saturatedRun();
  void played.value;
  meets(
    played,
    'longest wait of low priority',
    'Strict priority starves the low queue as long as anything comes into the high one. Let waiting raise the rank: after maxWaitMs it goes before what comes now.',
  );
});

const follows = check('scales with the calls that wait, not with the CPU', async () => {
  const played = await scalingRun();
  const hour = played.value;
  hold(hour.inFlood <= POLICY.max && hour.atNight >= POLICY.min, {
    happened: `with ten thousand jobs waiting it asked for ${hour.inFlood} places, with nothing to do for ${hour.atNight}`,
    expected: `${POLICY.min} to ${POLICY.max} places, \`min\` to \`max\``,
    help: 'The quota of the account ends at `max`: what is bought beyond it is refused with 429.',
  });
  meets(
    played,
    'p95 wait for a place',
    `In this hour: ${allocationOf(hour)}. Calls that wait for the network leave the CPU cold. Count calls under way and jobs that wait.`,
  );
  meets(played, 'places paid for', `In this hour: ${allocationOf(hour)}. Give back what is not in use.`);
});

check('does not flap', { needs: [follows] }, async () => {
  const played = await scalingRun();
  meets(
    played,
    'turns up and down',
    `In this hour: ${allocationOf(played.value)}. Up at once, down only after cooldownMs without a change, and only when it is clearly too much.`,
  );
});
