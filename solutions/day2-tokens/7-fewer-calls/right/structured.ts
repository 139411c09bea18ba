import type OpenAI from 'openai';
import type { BatchGroup, Lanes, Prices, Task } from '#course/day2-tokens/contracts/fewer-calls.ts';
import { leastEffort } from '#lib/provider';

/** A job with a deadline. What it will use is known well enough. */
export interface Job extends Task {
  type: string;
  model: string;
  dueMs: number;
  inputTokens: number;
  outputTokens: number;
}

const FORMAT = {
  type: 'json_schema' as const,
  json_schema: {
    name: 'answers',
    strict: true,
    schema: {
      type: 'object',
      additionalProperties: false,
      required: ['results'],
      properties: {
        results: {
          type: 'array',
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['id', 'answer'],
            properties: { id: { type: 'string' }, answer: { type: 'string' } },
          },
        },
      },
    },
  },
};

/** Structured output with ids; where all JSON was cut, groups are halved. */
export async function combine(client: OpenAI, model: string, rules: string, tasks: Task[]) {
  const answers = new Map<string, string>();
  for (const mine of group(tasks).values()) {
    let missing = mine;
    let size = 8;
    while (missing.length > 0) {
      const before = missing.length;
      for (let i = 0; i < before; i += size) {
        const got = await askFor(client, model, rules, missing.slice(i, i + size));
        for (const [id, answer] of got) answers.set(id, answer);
      }
      missing = missing.filter(({ id }) => !answers.has(id));
      if (missing.length === before) size = Math.max(1, size >> 1);
    }
  }
  return answers;
}

function group(tasks: Task[]): Map<string, Task[]> {
  const groups = new Map<string, Task[]>();
  for (const task of tasks) groups.set(task.tenant, [...(groups.get(task.tenant) ?? []), task]);
  return groups;
}

async function askFor(
  client: OpenAI,
  model: string,
  rules: string,
  tasks: Task[],
): Promise<Map<string, string>> {
  const list = tasks.map(({ id, text }) => `${id}: ${text}`).join('\n');
  const messages = [{ role: 'user' as const, content: `${rules}\n\n${list}` }];
  const { choices } = await client.chat.completions.create({
    model,
    messages,
    response_format: FORMAT,
    reasoning_effort: leastEffort(model),
  });
  try {
    const { results } = JSON.parse(choices[0]?.message.content ?? '') as {
      results: { id: string; answer: string }[];
    };
    return new Map(results.map(({ id, answer }) => [id, answer]));
  } catch {
    return new Map();
  }
}

const MINUTE_MS = 60_000;
const LANES = [
  ['batch', 24 * 60],
  ['flex', 15],
  ['online', Number.NEGATIVE_INFINITY],
] as const;

/** The first lane that takes no longer than there is time. */
export function planLanes(jobs: Job[], nowMs: number): Required<Lanes> {
  const laneOf = (job: Job) => LANES.find(([, minutes]) => job.dueMs - nowMs >= minutes * MINUTE_MS)?.[0];
  const inLane = (lane: string) => jobs.filter((job) => laneOf(job) === lane);
  return { online: inLane('online'), flex: inLane('flex'), batch: inLane('batch') };
}

/** The SDK tries flex three times, some seconds in all. */
export async function runFlex(client: OpenAI, { model, id, text }: Job): Promise<string> {
  for (const service_tier of ['flex', 'default'] as const) {
    try {
      const { choices } = await client.chat.completions.create({
        model,
        service_tier,
        messages: [{ role: 'user', content: `${id}: ${text}` }],
        reasoning_effort: leastEffort(model),
      });
      return choices[0]?.message.content ?? '';
    } catch (error) {
      if (service_tier === 'default') throw error;
    }
  }
  return '';
}

/** Groups that can go out as one batch, a type and a model each, with their price. */
export function batchRequests(jobs: Job[], prices: Prices): BatchGroup[] {
  const groups = new Map<string, BatchGroup>();
  for (const job of jobs) {
    const { type, model, inputTokens, outputTokens } = job;
    const group = groups.get(`${type} ${model}`) ?? { type, model, jobs: [], microUsd: 0 };
    const { input = 0, output = 0 } = prices[model] ?? {};
    group.jobs.push(job);
    // In millionths of a micro-dollar every price is a whole number, also half of it.
    const exact = inputTokens * Math.round(input * 5e5) + outputTokens * Math.round(output * 5e5);
    group.microUsd += Math.floor((exact + 500_000) / 1e6);
    groups.set(`${type} ${model}`, group);
  }
  return [...groups.values()];
}

const POLL_MS = 600_000;
const ENDED = ['completed', 'failed', 'expired', 'cancelled'];

/** Does the jobs of one group through the Batch API and returns the answers by id. */
export async function runBatch(client: OpenAI, { model, jobs }: BatchGroup): Promise<Map<string, string>> {
  const lines = jobs.map(({ id, text }) => {
    const messages = [{ role: 'user', content: `${id}: ${text}` }];
    const body = { model, messages, reasoning_effort: leastEffort(model) };
    return JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body });
  });
  const input = new File([lines.join('\n')], 'jobs.jsonl');
  const { id: input_file_id } = await client.files.create({ file: input, purpose: 'batch' });
  const endpoint = '/v1/chat/completions';
  let batch = await client.batches.create({ input_file_id, endpoint, completion_window: '24h' });
  while (!ENDED.includes(batch.status)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    batch = await client.batches.retrieve(batch.id);
  }
  if (!batch.output_file_id) throw new Error(`Batch ${batch.id} ended as ${batch.status}.`);
  const output = await (await client.files.content(batch.output_file_id)).text();
  const results = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  return new Map(results.map((it) => [it.custom_id, it.response.body.choices[0].message.content]));
}
