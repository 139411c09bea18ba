import type * as Subject from '#days/day2-tokens/7-fewer-calls/fewer-calls.ts';
import { type Call, createOracle, defineScenario, type Random, sum } from '#lib/provider';
import { costMicroUsd, priceOf } from '#lib/provider/money.ts';
import { countTokens } from '#lib/provider/tokens.ts';
import type * as Contract from '../contracts/fewer-calls.ts';
import { provider } from '../provider.ts';
import { textOfKind } from '../texts.ts';

const MODEL = 'gpt-4.1-mini';
const JOB_MODELS = ['gpt-4.1-mini', 'gpt-4o-mini'];
const HOUR_MS = 3_600_000;
const WINDOW_MS = 24 * HOUR_MS;
const TASKS = 48;
const TENANTS = ['acme', 'globex'];
const JOBS = 24;

const ids = [...numbered('T', TASKS), ...numbered('J', JOBS)];
const oracle = createOracle(
  ids.map((id, i) => ({
    id,
    answer: `It is R${100 + 37 * i} as the text says.`,
    wrong: 'It cannot be told from it.',
    difficulty: 0.2,
  })),
  // Of several tasks in one request a quarter is left out: careless, so that no run is spared by luck.
  { dropShare: 0.25 },
);

/** Small tasks of two tenants for now, and jobs with deadlines from two hours to three days. */
export const scenario = defineScenario({
  provider: { ...provider, batch: { medianMs: 2 * HOUR_MS, p95Ms: 8 * HOUR_MS } },
  // The first answers are cut, at least one of them in the middle of a line.
  faults: [22, 27].map((finishAfterTokens, i) => ({
    when: { ordinal: i + 1 },
    effect: { finishAfterTokens, finish: 'length' as const },
  })),
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
    const groupCalls = ledger.calls.length;
    const results = await Promise.all(
      groups.map(async (group) => ({
        group,
        answers: await subject.runBatch(openai, group),
        doneMs: clock.now(),
      })),
    );
    const single = (task: Contract.Task) => {
      const content = `${rules}\n\n${task.id}: ${task.text}`;
      return quote('openai', { model: MODEL, messages: [{ role: 'user', content }] }).costMicroUsd;
    };
    return {
      combined,
      combinedCalls,
      due,
      nowMs,
      lanes,
      groups,
      results,
      batchCalls: ledger.calls.slice(groupCalls),
      oneByOne: sum(traffic.tasks.map(single)),
    };
  },
  readings({ traffic, outcome }) {
    const { combined, combinedCalls, oneByOne, batchCalls, results } = outcome.value;
    const right = traffic.tasks.filter(({ id }) => isRight(id, combined.get(id))).length;
    const { input, output } = priceOf(MODEL);
    const least = sum(
      traffic.tasks.map(
        ({ id, text }) => (countTokens(text) - 2) * input + countTokens(answerOf(id)) * output,
      ),
    );
    const paid = sum(batchCalls.map((call) => call.costMicroUsd));
    const done = results.flatMap(({ group, answers }) => group.jobs.filter(({ id }) => answers.has(id)));
    const online = sum(done.map(priceOnline));
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
        target: 0.65,
        // Texts in and answers out, without any rules.
        limit: least / oneByOne,
      },
      'bill of the late jobs, as a share of online': {
        unit: 'share',
        better: 'lower',
        value: online === 0 ? 1 : paid / online,
        target: 0.55,
        // The same jobs in the batch lane, each with the shortest right answer.
        limit: online === 0 ? 0.5 : sum(done.map(leastInBatch)) / online,
      },
    };
  },
});

export function isRight(id: string, answer: string | undefined): boolean {
  return answer !== undefined && oracle.isRight(id, answer);
}

/** True if an answer is the right one of some other task. */
export function isSomebodyElses(id: string, answer: string): boolean {
  return !oracle.isRight(id, answer) && ids.some((other) => other !== id && oracle.isRight(other, answer));
}

export function mayWait(job: Contract.Job, nowMs: number): boolean {
  return job.dueMs - nowMs >= WINDOW_MS;
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

function priceOnline({ inputTokens, outputTokens, model }: Contract.Job): number {
  return costMicroUsd({ input: inputTokens, cached: 0, output: outputTokens }, priceOf(model));
}

function leastInBatch({ id, inputTokens, model }: Contract.Job): number {
  const output = countTokens(rightAnswer(id));
  return costMicroUsd({ input: inputTokens, cached: 0, output }, priceOf(model), 'batch');
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
    const text = textOfKind('English', random, 400);
    // Every third one is due within a day; two hours are the shortest.
    const dueMs = i % 3 === 0 ? (2 + random.int(21)) * HOUR_MS : (24 + random.int(48)) * HOUR_MS;
    return {
      id,
      tenant: random.pick(TENANTS),
      text,
      type: i % 2 === 0 ? 'summary' : 'tags',
      model: JOB_MODELS[i % 4 < 2 ? 0 : 1] as string,
      dueMs,
      inputTokens: countTokens(`${id}: ${text}`) + 7,
      outputTokens: 12,
    };
  });
}
