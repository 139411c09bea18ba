import { sum } from '#lib/provider';
import { type ModelPrice, priceOf } from '#lib/provider/money.ts';
import { countTokens } from '#lib/provider/tokens.ts';
import type { Segment } from '../contracts/assistant.ts';
import { SMALL, STRONG } from './ladder.ts';
import { rightText } from './oracle.ts';
import { editionAt, pageOf, rulesOf } from './texts.ts';
import { type DayPlan, PREPAID, type Task } from './traffic.ts';

/** Frames, roles and the line with the time, which a naive prompt has besides its texts. */
const AROUND = 30;
/** The shortest prompt that is cached. */
const SHORTEST_CACHED = 1024;
/** The part of the prepaid tenant's questions that its allowance is enough for. */
const ALLOWANCE_SHARE = 0.6;

/**
 * What a request costs when all that was found for it goes to the strongest model, whole and as it comes: nothing is
 * found in the prompt cache again, but what is long enough for it is written there, where writing has a price.
 */
export function naiveMicroUsd(task: Task, plan: DayPlan): number {
  const { input, cacheWrite = input, output } = priceOf(STRONG);
  const read = naiveTokens(task, plan);
  const each = read >= SHORTEST_CACHED ? cacheWrite : input;
  return read * each + countTokens(rightText(task)) * output;
}

/** What a prompt with all that was found takes. */
export function naiveTokens({ request, atMs }: Task, { updateMs }: DayPlan): number {
  const { tenant, segment, question, docs } = request;
  const page = segment === 'faq' ? [pageOf(tenant, editionAt(tenant, atMs, updateMs))] : [];
  return tokensOf([rulesOf(tenant), question, ...page, ...docs.map(({ text }) => text)]) + AROUND;
}

/** Work that the small model is good enough for. */
const EASY = new Set<Segment>(['account', 'tagging']);

/**
 * What a request costs when everything is done about it that its segment allows: each text once, what others share read
 * from the cache, the model that is good enough, bulk work in the batch lane.
 */
export function soundMicroUsd(task: Task, plan: DayPlan): number {
  return perfectMicroUsd(task, EASY.has(task.request.segment) ? SMALL : STRONG, plan);
}

/** What no code can do a request for: the words that the answer needs, read from the cache, by the model that is able. */
export function leastMicroUsd(task: Task, model: string): number {
  const { input, cachedInput = input, output } = priceOf(model);
  const read = tokensOf([task.request.question, ...task.facts]) - 3;
  const microUsd = price({ input: cachedInput, output }, read, countTokens(rightText(task)));
  return task.request.segment === 'tagging' ? microUsd / 2 : microUsd;
}

/** The prompt as it is, each text once: what a prompt cache can hold at its price, on the model given. */
export function perfectMicroUsd(
  { request, atMs, ...task }: Task,
  model: string,
  { updateMs }: DayPlan,
): number {
  const { input, cachedInput = input, output } = priceOf(model);
  const { tenant, segment, question, docs } = request;
  const page = segment === 'faq' ? [pageOf(tenant, editionAt(tenant, atMs, updateMs))] : [];
  const shared = tokensOf([rulesOf(tenant), ...page, ...new Set(docs.map(({ text }) => text))]);
  const isShared = segment !== 'expert' && shared >= SHORTEST_CACHED;
  const read = shared * (isShared ? cachedInput : input) + (countTokens(question) + AROUND) * input;
  const microUsd = read + countTokens(rightText({ request, atMs, ...task })) * output;
  return segment === 'tagging' ? microUsd / 2 : microUsd;
}

/** The allowance for the prepaid tenant's expert questions. */
export function prepaidMicroUsd(tasks: readonly Task[], plan: DayPlan): number {
  const questions = tasks.filter(isPrepaid);
  return Math.round(ALLOWANCE_SHARE * sum(questions.map((task) => naiveMicroUsd(task, plan))));
}

export function isPrepaid({ request }: Task): boolean {
  return request.segment === 'expert' && request.tenant === PREPAID;
}

function tokensOf(texts: readonly string[]): number {
  return sum(texts.map((text) => countTokens(text)));
}

function price({ input, output }: Pick<ModelPrice, 'input' | 'output'>, read: number, written: number) {
  return read * input + written * output;
}
