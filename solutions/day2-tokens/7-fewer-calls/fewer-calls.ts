import type OpenAI from 'openai';
import type { BatchGroup, Job, Lanes, Prices, Task } from '#course/day2-tokens/contracts/fewer-calls.ts';
import { leastEffort } from '#lib/provider';

const GROUP = 8;

/** Answers all tasks, by id. `rules` belong in front of every request; one request may hold several tasks of a tenant. */
export async function combine(client: OpenAI, model: string, rules: string, tasks: Task[]) {
  const answers = new Map<string, string>();
  for (let missing = tasks; missing.length > 0; missing = tasks.filter(({ id }) => !answers.has(id))) {
    for (const group of groupsOf(missing)) {
      const list = group.map(({ id, text }) => `${id}: ${text}`).join('\n');
      const content = `${rules}\n\nAnswer each task on a line of its own, its id first.\n${list}`;
      const reply = await ask(client, model, content);
      for (const { id } of group) {
        const line =
          reply.find((text) => text.startsWith(`${id}:`)) ?? (group.length === 1 ? reply[0] : undefined);
        if (line !== undefined) answers.set(id, line);
      }
    }
  }
  return answers;
}

/** The lines of an answer; of one that was cut, without the last. */
async function ask(client: OpenAI, model: string, content: string): Promise<string[]> {
  const { choices } = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content }],
    // Left out, the model thinks first: slower, and billed.
    reasoning_effort: leastEffort(model),
  });
  const lines = (choices[0]?.message.content ?? '').split('\n');
  return choices[0]?.finish_reason === 'length' ? lines.slice(0, -1) : lines;
}

/** Tasks of one tenant, at most eight at a time. */
function groupsOf(tasks: Task[]): Task[][] {
  return [...new Set(tasks.map(({ tenant }) => tenant))].flatMap((tenant) => {
    const mine = tasks.filter((task) => task.tenant === tenant);
    return Array.from({ length: Math.ceil(mine.length / GROUP) }, (_, i) =>
      mine.slice(i * GROUP, (i + 1) * GROUP),
    );
  });
}

const DAY_MS = 86_400_000;
const FLEX_MS = 900_000;

/** `batch` is half the price and may take 24 hours; `flex` is half the price and may take 15 minutes. */
export function planLanes(jobs: Job[], nowMs: number): Lanes {
  const lanes = { online: [] as Job[], flex: [] as Job[], batch: [] as Job[] };
  for (const job of jobs) {
    const leftMs = job.dueMs - nowMs;
    lanes[leftMs >= DAY_MS ? 'batch' : leftMs >= FLEX_MS ? 'flex' : 'online'].push(job);
  }
  return lanes;
}

/** Does one job on flex terms, or on the standard ones where flex has no room. */
export async function runFlex(client: OpenAI, { model, id, text }: Job): Promise<string> {
  const request = {
    model,
    messages: [{ role: 'user' as const, content: `${id}: ${text}` }],
    reasoning_effort: leastEffort(model),
  };
  const once = client.withOptions({ maxRetries: 0 }).chat.completions;
  const { choices } = await once.create({ ...request, service_tier: 'flex' }).catch(() => {
    // Refused, which is not billed. What is wrong with the request itself the standard terms say as well.
    return client.chat.completions.create(request);
  });
  return choices[0]?.message.content ?? '';
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
