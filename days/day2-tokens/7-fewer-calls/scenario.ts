import type OpenAI from 'openai';
import type * as Subject from '#days/day2-tokens/7-fewer-calls/fewer-calls.ts';
import type { Clock } from '#lib/clock';
import {
  type Call,
  createOracle,
  defineScenario,
  leastEffort,
  modelFor,
  type Premise,
  type Random,
  sum,
} from '#lib/provider';
import { findModel, thinkingTokens } from '#lib/provider/models.ts';
import { costMicroUsd, priceOf } from '#lib/provider/money.ts';
import { countTokens } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/fewer-calls.ts';
import { provider } from '../provider.ts';
import { textOfKind } from '../texts.ts';

const MODEL = modelFor('small');
const JOB_MODELS = [MODEL, modelFor('middle')];
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const WINDOW_MS = 24 * HOUR_MS;
/** OpenAI's flex guide advises to wait so long for an answer. */
const FLEX_MS = 15 * MINUTE_MS;
/** A batch is over after a day; by then `runBatch` has to know, whatever became of it. */
const GIVE_UP_MS = 25 * HOUR_MS;
const TASKS = 48;
const TENANTS = ['acme', 'globex'];
const JOBS = 16;
/** For this job flex never has room. */
const REFUSED = 'J1009';

export const premises: Premise[] = [
  {
    says: 'The small and the middle model are served on flex terms',
    holds: () => JOB_MODELS.every((model) => findModel(model)?.tiers.flex !== undefined),
  },
  {
    says: 'Batch and flex cost half the standard price',
    holds: () => JOB_MODELS.every((model) => isHalf(model, 'batch') && isHalf(model, 'flex')),
  },
  {
    says: 'The small model can be told not to think, so that what thinks first costs clearly more',
    holds: () => (leastEffort(MODEL) ?? 'none') === 'none',
  },
  {
    says: 'Left to itself, the small model thinks for 400 tokens or more',
    holds: () => thinkingTokens(findModel(modelFor('small'))?.defaultEffort ?? 'none') >= 400,
  },
  {
    says: 'Output of the small model costs at most eight times as much as input, so that the rules are most of the bill',
    holds: () => priceOf(MODEL).output <= 8 * priceOf(MODEL).input,
  },
];

function isHalf(model: string, tier: 'batch' | 'flex'): boolean {
  return findModel(model)?.tiers[tier] === 0.5;
}

const ids = [...numbered('T', TASKS), ...numbered('J', JOBS)];
const oracle = createOracle(
  ids.map((id, i) => ({
    id,
    answer: `It is R${100 + 37 * i} as the text says.`,
    wrong: 'It cannot be told from it.',
    // Eight at once are as good as one; of forty a third is wrong.
    difficulty: Math.min(...JOB_MODELS.map((model) => findModel(model)?.skill ?? 0)) - 0.44,
    // Spread evenly over the tasks, however they are cut into prompts: no verdict hangs on luck.
    luck: (((i * 29) % TASKS) + 0.5) / TASKS,
  })),
  // Of several tasks in one request a quarter is left out: careless, so that no run is spared by luck.
  { dropShare: 0.25 },
);

/** Small tasks of two tenants for now, and jobs with deadlines from two minutes to three days. */
export const scenario = defineScenario({
  provider: { ...provider, batch: { medianMs: 2 * HOUR_MS, p95Ms: 4 * HOUR_MS } },
  faults: [
    // The first answers are cut, the first of them in the middle of its first line.
    ...[8, 27].map((finishAfterTokens, i) => ({
      when: { ordinal: i + 1 },
      effect: { finishAfterTokens, finish: 'length' as const },
    })),
    { when: { promptIncludes: REFUSED, flex: true }, effect: { error: 'resource_unavailable' } },
  ],
  answer: oracle.answer,
  traffic: (random) => ({
    rules: textOfKind('English', random, 3000),
    tasks: tasks(random),
    jobs: jobs(random),
  }),
  async play(subject: typeof Subject, { openai, traffic, clock, ledger, quote }) {
    const { rules } = traffic;
    const combined = await subject.combine(openai, MODEL, rules, structuredClone(traffic.tasks));
    const combinedCalls = [...ledger.calls];

    const nowMs = clock.now();
    const due = traffic.jobs.map((job) => ({ ...job, dueMs: nowMs + job.dueMs }));
    const lanes = subject.planLanes(due, nowMs);
    const prices = Object.fromEntries(JOB_MODELS.map((model) => [model, priceOf(model)]));
    const groups = subject.batchRequests(lanes.batch, prices);
    const waitingCalls = ledger.calls.length;
    const flex = await Promise.all(
      (lanes.flex ?? []).map(async (job) => ({
        job,
        answer: await subject.runFlex(openai, job),
        doneMs: clock.now(),
      })),
    );
    const results = await Promise.all(
      groups.map(async (group) => ({
        group,
        answers: await subject.runBatch(openai, group),
        doneMs: clock.now(),
      })),
    );
    const paidCalls = ledger.calls.slice(waitingCalls);
    const [first] = groups;
    const group = first ?? { type: 'summary', model: MODEL, jobs: [], microUsd: 0 };
    // One of its lines is there twice.
    const twice = { ...group, jobs: [...group.jobs, ...group.jobs] };
    const [failed, cancelled] = await Promise.all([
      endOf(subject.runBatch(openai, twice), clock),
      cancelMidway(subject, { ...group, jobs: due }, openai, clock),
    ]);
    const single = (task: Contract.Task) => {
      const content = `${rules}\n\n${task.id}: ${task.text}`;
      return quote('openai', asking(MODEL, content)).costMicroUsd;
    };
    const online = ({ id, text, model }: Contract.Job) =>
      quote('openai', asking(model, `${id}: ${text}`)).costMicroUsd;
    return {
      combined,
      combinedCalls,
      due,
      nowMs,
      lanes,
      groups,
      flex,
      results,
      failed,
      cancelled,
      rounded: subject.batchRequests(HALVES, { half: { input: 0.1, output: 0.4 } }),
      paidCalls,
      online: Object.fromEntries(due.map((job) => [job.id, online(job)])),
      oneByOne: sum(traffic.tasks.map(single)),
    };
  },
  readings({ traffic, outcome }) {
    const { combined, combinedCalls, oneByOne, paidCalls, results, flex, online } = outcome.value;
    const right = traffic.tasks.filter(({ id }) => isRight(id, combined.get(id))).length;
    const { input, output } = priceOf(MODEL);
    const least = sum(
      traffic.tasks.map(
        ({ id, text }) => (countTokens(text) - 2) * input + countTokens(answerOf(id)) * output,
      ),
    );
    const paid = sum(paidCalls.map((call) => call.costMicroUsd));
    const inBatch = results.flatMap(({ group, answers }) => group.jobs.filter(({ id }) => answers.has(id)));
    const done = [...inBatch, ...flex.map(({ job }) => job)];
    const atOnce = sum(done.map(({ id }) => online[id] ?? 0));
    return {
      'tasks answered right': {
        unit: 'share',
        better: 'higher',
        value: right / TASKS,
        target: 0.95,
        limit: 1,
      },
      'bill of the tasks, as a share of one by one': {
        unit: 'share',
        better: 'lower',
        value: sum(combinedCalls.map((call) => call.costMicroUsd)) / oneByOne,
        target: 0.8,
        // Texts in and answers out, without any rules, at half the price, which flex costs.
        limit: least / 2 / oneByOne,
      },
      'bill of the jobs that can wait, as a share of online': {
        unit: 'share',
        better: 'lower',
        value: atOnce === 0 ? 1 : paid / atOnce,
        target: 0.6,
        // The same texts at half the price, each with the shortest right answer.
        limit: atOnce === 0 ? 0.5 : sum(done.map(leastPrice)) / atOnce,
      },
    };
  },
});

/** Two jobs that cost half a micro-dollar each in the batch lane, and one that costs a little less. */
export const HALVES: Contract.Job[] = [10, 10, 9].map((inputTokens, i) => ({
  ...{ id: `H${i}`, tenant: 'acme', text: '', type: 'tags', model: 'half', dueMs: 0 },
  ...{ inputTokens, outputTokens: 0 },
}));

/** What became of a batch that was waited for. */
export type Ending =
  | { how: 'waits' }
  | { how: 'threw'; message: string }
  | { how: 'returned'; ids: string[] };

function endOf(running: Promise<Map<string, string>>, clock: Clock): Promise<Ending> {
  return Promise.race([
    running.then(
      (answers): Ending => ({ how: 'returned', ids: [...answers.keys()].sort() }),
      (error): Ending => ({ how: 'threw', message: String(error) }),
    ),
    clock.sleep(GIVE_UP_MS).then((): Ending => ({ how: 'waits' })),
  ]);
}

/** Somebody cancels the batch when a part of it is done: it has answers, and is not complete. */
async function cancelMidway(
  subject: typeof Subject,
  group: Contract.BatchGroup,
  openai: OpenAI,
  clock: Clock,
): Promise<Ending & { asked: number; answered: string[] }> {
  const before = new Set((await openai.batches.list({ limit: 100 })).data.map(({ id }) => id));
  const ending = endOf(subject.runBatch(openai, group), clock);
  const asked = group.jobs.length;
  const giveUpMs = clock.now() + GIVE_UP_MS;
  while (clock.now() < giveUpMs) {
    await clock.sleep(MINUTE_MS);
    const { data } = await openai.batches.list({ limit: 100 });
    const batch = data.find(({ id, request_counts }) => !before.has(id) && request_counts?.total === asked);
    if (!batch) continue;
    if (batch.status === 'in_progress' && (batch.request_counts?.completed ?? 0) >= 3)
      await openai.batches.cancel(batch.id);
    if (batch.status !== 'cancelled' || !batch.output_file_id) continue;
    const output = await (await openai.files.content(batch.output_file_id)).text();
    const answered = [...output.matchAll(/"custom_id":"(\w+)"/g)].map(([, id = '']) => id).sort();
    return { ...(await ending), asked, answered };
  }
  return { ...(await ending), asked, answered: [] };
}

export function isRight(id: string, answer: string | undefined): boolean {
  return answer !== undefined && oracle.isRight(id, answer);
}

/** True if an answer is the right one of some other task. */
export function isSomebodyElses(id: string, answer: string): boolean {
  return !oracle.isRight(id, answer) && ids.some((other) => other !== id && oracle.isRight(other, answer));
}

/** The cheapest lane in which a job is in time. */
export function laneOf(job: Contract.Job, nowMs: number): keyof Contract.Lanes {
  if (job.dueMs - nowMs >= WINDOW_MS) return 'batch';
  return job.dueMs - nowMs >= FLEX_MS ? 'flex' : 'online';
}

function asking(model: string, content: string) {
  return { model, messages: [{ role: 'user' as const, content }], reasoning_effort: leastEffort(model) };
}

/** What a group costs in the batch lane. */
export function batchPrice(jobs: readonly Contract.Job[]): number {
  return sum(
    jobs.map(({ inputTokens, outputTokens, model }) =>
      costMicroUsd({ input: inputTokens, cached: 0, output: outputTokens }, priceOf(model), 'batch'),
    ),
  );
}

/** How many tasks a call's prompt held, and of which tenants. */
export function tasksIn(call: Call, all: readonly Contract.Task[]): Contract.Task[] {
  return all.filter(({ id }) => call.prompt.includes(id));
}

function leastPrice({ id, text, model }: Contract.Job): number {
  const { input, output } = priceOf(model);
  return (countTokens(text) * input + countTokens(rightAnswer(id)) * output) / 2;
}

function answerOf(id: string): string {
  return `${id}: ${rightAnswer(id)}`;
}

function rightAnswer(id: string): string {
  return `It is R${100 + 37 * ids.indexOf(id)} as the text says.`;
}

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${1000 + i}`);
}

function tasks(random: Random): Contract.Task[] {
  return ids
    .filter((id) => id.startsWith('T'))
    .map((id, i) => ({
      id,
      tenant: TENANTS[i % 6 === 0 ? 1 : 0] as string,
      text: textOfKind('English', random, 100),
    }));
}

function jobs(random: Random): Contract.Job[] {
  const mine = ids.filter((id) => id.startsWith('J'));
  return mine.map((id, i) => {
    const text = textOfKind('English', random, 1200);
    return {
      id,
      tenant: random.pick(TENANTS),
      text,
      type: i % 2 === 0 ? 'summary' : 'tags',
      model: JOB_MODELS[Math.floor(i / 4) % 2] as string,
      dueMs: DUE_MS[i % 4]?.(i < 4 ? 0 : i < 8 ? 1 : random.int(1000) / 1000) ?? 0,
      inputTokens: countTokens(`${id}: ${text}`) + 7,
      outputTokens: 12,
    };
  });
}

/** By how late in its span a job is due: the first of each at its very beginning, the second at its very end. */
const DUE_MS: ((late: number) => number)[] = [
  (late) => 2 * MINUTE_MS + Math.round(late * (13 * MINUTE_MS - 1)),
  (late) => FLEX_MS + Math.round(late * (WINDOW_MS - FLEX_MS - 1)),
  (late) => WINDOW_MS + Math.round(late * 48 * HOUR_MS),
  (late) => WINDOW_MS + Math.round(late * 48 * HOUR_MS),
];
