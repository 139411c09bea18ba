import * as subject from '#days/day2-tokens/7-fewer-calls/fewer-calls.ts';
import { check, hold, meets, play, step } from '#lib/check';
import { leastEffort, sum } from '#lib/provider';
import { batchPrice, isRight, isSomebodyElses, laneOf, scenario, tasksIn } from './scenario.ts';

const run = play(scenario, subject);

step(1);

check('never puts the tasks of two tenants into one prompt', async () => {
  const { value, traffic } = await run();
  for (const call of value.combinedCalls) {
    const tenants = new Set(tasksIn(call, traffic.tasks).map(({ tenant }) => tenant));
    hold(tenants.size <= 1, {
      happened: `one prompt held tasks of ${[...tenants].join(' and ')}`,
      expected: 'one tenant in each prompt',
      help: 'What one tenant writes could leak into the answers of the other, or give orders there.',
    });
  }
});

const own = check('gives every task its own answer, and a whole one', async () => {
  const { value, traffic } = await run();
  for (const { id } of traffic.tasks) {
    const answer = value.combined.get(id);
    hold(answer !== undefined, {
      happened: `${id} has no answer`,
      expected: 'one for every task; models leave some out when they are asked for many',
      help: 'Look which ids are missing, and ask again for those.',
    });
    hold(!isSomebodyElses(id, answer), {
      happened: `${id} got "${answer.slice(0, 50)}", the answer to another task`,
      expected: 'the answer that stands under its own id',
      help: 'Models drop, repeat and reorder. Position tells nothing; have the id written before each answer.',
    });
  }
  for (const { id } of traffic.tasks) {
    const answer = value.combined.get(id) ?? '';
    hold(isRight(id, answer) || answer.includes('cannot be told'), {
      happened: `${id} got "${answer}", which breaks off`,
      expected: 'a whole answer; the call that was cut ended with `finish_reason: "length"`',
      help: 'Of a cut answer the last line is not to be trusted. Ask for that task again.',
    });
  }
});

check('combines tasks without making the answers worse', { needs: [own] }, async () => {
  meets(
    await run(),
    'tasks answered right',
    'The more tasks in one prompt, the less care for each. Eight is a good number, forty-eight is not.',
  );
});

check('pays for the rules a few times, not for every task', { needs: [own] }, async () => {
  const played = await run();
  const { combinedCalls } = played.value;
  const { rules, tasks } = played.traffic;
  for (const { prompt } of combinedCalls)
    hold(prompt.includes(rules), {
      happened: `a prompt of ${prompt.length} characters did not hold the rules`,
      expected: 'the rules at the beginning of each prompt: a model remembers nothing of other requests',
    });
  for (const { id, text } of tasks)
    hold(
      combinedCalls.some(({ prompt }) => prompt.includes(`${id}: ${text}`)),
      { happened: `no prompt held the whole text of ${id}`, expected: '`id: text` for each task, whole' },
    );
  const thought = sum(combinedCalls.map(({ tokens }) => tokens.reasoning ?? 0));
  meets(
    played,
    'bill of the tasks, as a share of one by one',
    thought > 0 && leastEffort(combinedCalls[0]?.model ?? '') === 'none'
      ? `The calls thought for ${thought} tokens, which are billed as output: a request without \`reasoning_effort\` thinks first.`
      : `${played.traffic.tasks.length} tasks took ${combinedCalls.length} calls. Ask again only for what is missing.`,
  );
});

step(2);

const lanes = check('puts each job into the cheapest lane in which it is in time', async () => {
  const { lanes, due, nowMs } = (await run()).value;
  for (const job of due) {
    const right = laneOf(job, nowMs);
    const chosen = LANES.filter((lane) => lanes[lane]?.some(({ id }) => id === job.id));
    const minutes = (job.dueMs - nowMs) / 60_000;
    const time = `${minutes.toLocaleString('en-GB', { maximumFractionDigits: 5 })} minutes`;
    hold(chosen.length === 1 && chosen[0] === right, {
      happened: `a job due in ${time} went into ${chosen.length === 0 ? 'no lane' : `the ${chosen.join(' and the ')} lane`}`,
      expected: `the ${right} lane`,
      help: 'A batch may take 24 hours, a flex request 15 minutes; both cost half. What has exactly so long still may wait.',
    });
  }
});

check('takes flex terms, and the standard ones where flex has no room', { needs: [lanes] }, async () => {
  const { flex, paidCalls } = (await run()).value;
  for (const { job, answer, doneMs } of flex) {
    const onFlex = paidCalls.some(
      ({ prompt, tier, status }) => prompt.includes(job.id) && (tier === 'flex' || status === 429),
    );
    hold(onFlex, {
      happened: `job ${job.id} was done at the full price`,
      expected: 'half of it: a request with `service_tier: "flex"`',
    });
    hold(
      paidCalls.some(({ prompt }) => prompt.includes(`${job.id}: ${job.text}`)),
      { happened: `no request held the whole text of job ${job.id}`, expected: '`id: text`, whole' },
    );
    hold(isRight(job.id, answer) && doneMs <= job.dueMs, {
      happened: `job ${job.id} got "${answer}"${doneMs > job.dueMs ? ', too late' : ''}`,
      expected: 'its own answer, in time',
      help: 'Flex may answer 429 "Resource Unavailable", which is not billed. Send the request again without `service_tier`.',
    });
  }
});

step(3);

check('groups the batch by type and model, and knows its price', { needs: [lanes] }, async () => {
  const { groups, lanes: planned, rounded } = (await run()).value;
  const kinds = new Set(planned.batch.map(({ type, model }) => `${type} ${model}`));
  const placed = groups.flatMap(({ jobs }) => jobs).length;
  hold(groups.length === kinds.size && placed === planned.batch.length, {
    happened: `${planned.batch.length} jobs of ${kinds.size} types and models became ${groups.length} groups of ${placed} jobs`,
    expected: 'one group for each type and model; a batch takes one model only',
  });
  for (const { jobs, microUsd, model, type } of groups) {
    hold(microUsd === batchPrice(jobs) && jobs.every((job) => job.model === model && job.type === type), {
      happened: `a group of ${jobs.length} jobs for ${model} was priced at ${microUsd} micro-dollars`,
      expected: `${batchPrice(jobs)}: input and output at half the list price, each job rounded half up`,
    });
  }
  const price = sum(rounded.map(({ microUsd }) => microUsd));
  hold(price === batchPriceOfHalves, {
    happened: `two jobs of half a micro-dollar and a smaller one were priced at ${price}`,
    expected: `${batchPriceOfHalves}: each job rounded half up, then added`,
  });
});

const batchPriceOfHalves = 2;

check('runs each group through the Batch API', async () => {
  const played = await run();
  const { results, due, failed, cancelled, paidCalls } = played.value;
  for (const { group, answers, doneMs } of results) {
    for (const { id, text } of group.jobs) {
      const late = doneMs > (due.find((job) => job.id === id)?.dueMs ?? 0);
      hold(isRight(id, answers.get(id)) && !late, {
        happened: `job ${id} ${late ? 'was late' : `got "${answers.get(id) ?? 'nothing'}"`}`,
        expected: 'its own answer, in time',
        help: 'The lines of the output file come in any order; `custom_id` says whose they are.',
      });
      hold(
        paidCalls.some(({ prompt }) => prompt.includes(`${id}: ${text}`)),
        { happened: `no request held the whole text of job ${id}`, expected: '`id: text`, whole' },
      );
    }
  }
  meets(
    played,
    'bill of the jobs that can wait, as a share of online',
    'Upload a file with one request a line, create the batch, poll, download.',
  );
  hold(failed.how !== 'waits', {
    happened: 'a batch with one line twice failed, and 25 hours later `runBatch` was still waiting for it',
    expected: 'an error, as soon as the batch has ended',
    help: 'A batch also ends as `failed`, `expired` or `cancelled`.',
  });
  hold(failed.how === 'threw' && failed.message.includes('failed'), {
    happened: `of a batch that ended as \`failed\`, without an output file, \`runBatch\` ${
      failed.how === 'threw' ? `threw "${failed.message}"` : `returned ${failed.ids.length} answers`
    }`,
    expected: 'an error that names the status of the batch',
  });
  hold(cancelled.how === 'returned' && cancelled.ids.join() === cancelled.answered.join(), {
    happened: `somebody cancelled a batch of ${cancelled.asked} jobs; its output file held ${cancelled.answered.length} answers, and \`runBatch\` ${
      cancelled.how === 'waits'
        ? 'was still waiting for it 25 hours later'
        : cancelled.how === 'threw'
          ? `threw "${cancelled.message}"`
          : `returned ${cancelled.ids.length}`
    }`,
    expected: 'the answers that there are, once the status is `cancelled`; until then it is `cancelling`',
  });
});

const LANES = ['online', 'flex', 'batch'] as const;
