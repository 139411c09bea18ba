import type OpenAI from 'openai';
import type { BatchGroup, Job, Lanes, Prices, Task } from '#course/day2-tokens/contracts/fewer-calls.ts';
import { leastEffort } from '#lib/provider';

const ENDED = new Set(['completed', 'failed', 'expired', 'cancelled']);
const wait = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));

function body({ id, text }: Task, model: string) {
  return {
    model,
    reasoning_effort: leastEffort(model),
    messages: [{ role: 'user' as const, content: `${id}: ${text}` }],
  };
}

export async function combine(
  client: OpenAI,
  model: string,
  rules: string,
  tasks: Task[],
): Promise<Map<string, string>> {
  const done = new Map<string, string>();
  const queue = chunks(tasks, 6);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [only, ...others] = next;
    const content = `${rules}\n\n${next.map((t) => `${t.id}: ${t.text}`).join('\n')}`;
    const { choices } = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content }],
      reasoning_effort: leastEffort(model),
    });
    const [choice] = choices;
    const said = choice?.message.content ?? '';
    if (others.length === 0) {
      if (only && choice?.finish_reason === 'stop') done.set(only.id, said);
      else queue.push(next);
      continue;
    }
    const whole =
      choice?.finish_reason === 'length' ? said.slice(0, Math.max(0, said.lastIndexOf('\n'))) : said;
    for (const task of next) {
      const line = whole.split('\n').find((l) => l.startsWith(`${task.id}: `));
      if (line !== undefined) done.set(task.id, line.slice(task.id.length + 2));
    }
    const missing = next.filter((t) => !done.has(t.id));
    // A prompt that brought nothing would bring nothing again.
    const [first, ...later] = missing;
    if (first && missing.length === next.length) queue.push([first], later);
    else if (first) queue.push(missing);
  }
  return done;
}

function chunks(tasks: Task[], size: number): Task[][] {
  const out: Task[][] = [];
  for (const tenant of new Set(tasks.map((t) => t.tenant))) {
    const own = tasks.filter((t) => t.tenant === tenant);
    while (own.length > 0) out.push(own.splice(0, size));
  }
  return out;
}

export const planLanes = (jobs: Job[], nowMs: number): Lanes => ({
  batch: jobs.filter((j) => j.dueMs >= nowMs + 86_400_000),
  flex: jobs.filter((j) => j.dueMs < nowMs + 86_400_000 && j.dueMs >= nowMs + 900_000),
  online: jobs.filter((j) => j.dueMs < nowMs + 900_000),
});

export function runFlex(client: OpenAI, job: Job): Promise<string> {
  const request = body(job, job.model);
  const textOf = (c: OpenAI.ChatCompletion) => c.choices[0]?.message.content ?? '';
  return client.chat.completions
    .create({ ...request, service_tier: 'flex' }, { maxRetries: 0 })
    .then(textOf, (error) =>
      error?.status === 429 ? client.chat.completions.create(request).then(textOf) : Promise.reject(error),
    );
}

export function batchRequests(jobs: Job[], prices: Prices): BatchGroup[] {
  const out: BatchGroup[] = [];
  for (const job of jobs) {
    const known = out.find((g) => g.type === job.type && g.model === job.model);
    const found = known ?? { type: job.type, model: job.model, jobs: [], microUsd: 0 };
    if (!known) out.push(found);
    found.jobs.push(job);
    const price = prices[job.model] ?? { input: 0, output: 0 };
    const exact = job.inputTokens * price.input * 0.5 + job.outputTokens * price.output * 0.5;
    found.microUsd += Math.floor(exact + 0.5 + 1e-9);
  }
  return out;
}

export async function runBatch(client: OpenAI, { model, jobs }: BatchGroup): Promise<Map<string, string>> {
  const text = `${jobs
    .map((job) =>
      JSON.stringify({
        custom_id: job.id,
        method: 'POST',
        url: '/v1/chat/completions',
        body: body(job, model),
      }),
    )
    .join('\n')}\n`;
  const input = await client.files.create({
    file: new File([text], 'in.jsonl', { type: 'application/jsonl' }),
    purpose: 'batch',
  });
  const { id } = await client.batches.create({
    input_file_id: input.id,
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  for (;;) {
    await wait(240_000);
    const batch = await client.batches.retrieve(id);
    if (!ENDED.has(batch.status)) continue;
    if (!batch.output_file_id) throw new Error(`The batch ${id} ${batch.status}`);
    const content = await client.files.content(batch.output_file_id);
    const rows = (await content.text())
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row));
    return new Map(rows.map((row) => [row.custom_id, row.response.body.choices[0].message.content]));
  }
}
