import type OpenAI from 'openai';
import type { BatchGroup, Job, Lanes, Prices, Task } from '#course/day2-tokens/contracts/fewer-calls.ts';
import { leastEffort } from '#lib/provider';

/** Answers all tasks, by id. `rules` belong in front of every request; one request may hold several tasks of a tenant. */
export async function combine(client: OpenAI, model: string, rules: string, tasks: Task[]) {
  const answers = new Map<string, string>();
  // TODO: each task is a request of its own.
  for (const { id, text } of tasks) answers.set(id, await ask(client, model, `${rules}\n\n${id}: ${text}`));
  return answers;
}

async function ask(client: OpenAI, model: string, content: string): Promise<string> {
  const { choices } = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content }],
    // Left out, the model thinks first: slower, and billed.
    reasoning_effort: leastEffort(model),
  });
  return choices[0]?.message.content ?? '';
}

/** `batch` is half the price and may take 24 hours; `flex` is half the price and may take 15 minutes. */
export function planLanes(jobs: Job[], _nowMs: number): Lanes {
  return { online: jobs, flex: [], batch: [] };
}

/** Does one job on flex terms, or on the standard ones where flex has no room. */
export async function runFlex(client: OpenAI, { model, id, text }: Job): Promise<string> {
  return ask(client, model, `${id}: ${text}`);
}

/** Groups that can go out as one batch, a type and a model each, with their price. */
export function batchRequests(jobs: Job[], _prices: Prices): BatchGroup[] {
  return jobs.map((job) => ({ type: job.type, model: job.model, jobs: [job], microUsd: 0 }));
}

/** Does the jobs of one group through the Batch API and returns the answers by id. */
export async function runBatch(client: OpenAI, { model, jobs }: BatchGroup): Promise<Map<string, string>> {
  return combine(client, model, '', jobs);
}
