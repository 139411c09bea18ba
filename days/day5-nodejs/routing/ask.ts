import type { AzureOpenAI } from 'openai';
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions';
import type * as Subject from '#days/day5-nodejs/5-router/router.ts';
import type { Clock } from '#lib/clock';
import { leastEffort, modelFor, type Random } from '#lib/provider';
import { type Balance, balancers } from '../balancers.ts';
import type * as Contract from '../contracts/router.ts';

/** A deployment's own pace: about a second for an answer of 60 tokens. */
export const PACE = {
  role: 'small',
  vendor: 'azure',
  latency: { ttftMs: 300, outputPerSec: 100, p95OverP50: 1.5 },
} as const;
export const ANSWER = 'All of this is settled and you need do nothing more. '.repeat(5).trim();
export const LONG_ANSWER = 'All of this is settled and you need do nothing more. '.repeat(20).trim();

/** A question at a moment, and what became of it. */
export interface Question {
  atMs: number;
  tenant?: string;
  prompt: string;
  streamed?: boolean;
}

export interface Answered {
  question: Question;
  text?: string;
  error?: unknown;
  ms: number;
  /** What was shown of a streamed answer. */
  shown: string;
}

export interface Setting {
  deployments: readonly Contract.Deployment[];
  /** Prepended to every question of a tenant. */
  systemPrompt?: (tenant: string) => string;
  /** Default: two random choices. */
  balance?: Balance;
  /** The router's own health check, so often, until then. Default: never. */
  checks?: { everyMs: number; untilMs: number };
}

/** Asks each question at its moment, whatever became of those before it. */
export async function askAll(
  { Router }: typeof Subject,
  { deployments, systemPrompt, balance = balancers['two random choices'](), checks }: Setting,
  world: { azure: AzureOpenAI; clock: Clock; random: Random; traffic: readonly Question[] },
): Promise<Answered[]> {
  const { azure, clock, random } = world;
  const send: Contract.RouterOptions['send'] = (...args) => sendTo(azure, ...args);
  const router = new Router({ send, deployments, balance, random: () => random.next() });
  const checked = checks && checkEvery(checks, clock, router);
  const startMs = clock.now();
  const answered = await Promise.all(
    world.traffic.map(async (question): Promise<Answered> => {
      const { atMs, tenant, prompt, streamed } = question;
      await clock.sleep(atMs);
      const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }];
      if (systemPrompt && tenant) messages.unshift(kept(systemPrompt(tenant)));
      let shown = '';
      const onToken = (text: string) => {
        shown += text;
      };
      try {
        const text = await router.call({ messages, ...(tenant && { tenant }), ...(streamed && { onToken }) });
        return { question, text, ms: clock.now() - startMs - atMs, shown };
      } catch (error) {
        return { question, error, ms: clock.now() - startMs - atMs, shown };
      }
    }),
  );
  await checked;
  return answered;
}

async function checkEvery(
  { everyMs, untilMs }: { everyMs: number; untilMs: number },
  clock: Clock,
  router: Subject.Router,
): Promise<void> {
  while (clock.now() < untilMs) {
    await clock.sleep(everyMs);
    await router.check();
  }
}

/** One attempt through the SDK, which does not try again by itself. */
async function sendTo(
  client: AzureOpenAI,
  { name }: Contract.Deployment,
  { tenant, messages, onToken }: Contract.Request,
  signal?: AbortSignal,
): Promise<string> {
  // Without a key a prompt is not looked for.
  const body = { ...asked(name), messages, ...(tenant && { prompt_cache_key: tenant }) };
  const options = { signal, maxRetries: 0 };
  if (!onToken) {
    const { choices } = await client.chat.completions.create(body, options);
    return choices[0]?.message.content ?? '';
  }
  let text = '';
  for await (const { choices } of await client.chat.completions.create({ ...body, stream: true }, options)) {
    const piece = choices[0]?.delta.content ?? '';
    text += piece;
    if (piece !== '') onToken(piece);
  }
  return text;
}

/** Questions at about `perSec`, each of a tenant of its own. */
export function arrivals(
  random: Random,
  fromMs: number,
  toMs: number,
  perSec: number,
  what: string,
): Question[] {
  const gapMs = 1000 / perSec;
  const count = Math.round((toMs - fromMs) / gapMs);
  return Array.from({ length: count }, (_, i) => ({
    atMs: Math.round(fromMs + (i + 0.6 * random.next()) * gapMs),
    tenant: `${what}-${i}`,
    prompt: `${what} question ${i}: what is settled?`,
  }));
}

/** A request as the provider quotes it. */
export function body(deployment: string, prompt: string) {
  return { ...asked(deployment), messages: [{ role: 'user' as const, content: prompt }] };
}

/** Every deployment has the same model, which is to answer at once; what is kept of a prompt is said by marks alone. */
function asked(deployment: string) {
  const reasoning_effort = leastEffort(modelFor('small'));
  return { model: deployment, reasoning_effort, prompt_cache_options: { mode: 'explicit' as const } };
}

/** A system message up to whose end the deployment keeps the prompt. */
function kept(text: string): ChatCompletionMessageParam {
  const mark = { prompt_cache_breakpoint: { mode: 'explicit' as const } };
  return { role: 'system', content: [{ type: 'text', text, ...mark }] };
}
