import { sum } from '#lib/provider';
import { type ModelPrice, priceOf } from '#lib/provider/money.ts';
import { countTokens } from '#lib/provider/tokens.ts';
import { rightText } from './oracle.ts';
import { editionAt, pageOf, rulesOf } from './texts.ts';
import { type DayPlan, PREPAID, type Task } from './traffic.ts';

/** What the strongest model costs a token. */
const STRONG = priceOf('gpt-4.1');
/** Frames, roles and the line with the time, which a naive prompt has besides its texts. */
const AROUND = 30;
/** The shortest prompt that is cached. */
const SHORTEST_CACHED = 1024;
/** The part of the prepaid tenant's questions that its allowance is enough for. */
const ALLOWANCE_SHARE = 0.6;

/** What a request costs when all that was found for it goes to the strongest model, whole and at the full price. */
export function naiveMicroUsd({ request, atMs, ...task }: Task, { updateMs }: DayPlan): number {
  const { tenant, segment, question, docs } = request;
  const page = segment === 'faq' ? [pageOf(tenant, editionAt(tenant, atMs, updateMs))] : [];
  const texts = [rulesOf(tenant), question, ...page, ...docs.map(({ text }) => text)];
  const answer = rightText({ request, atMs, ...task });
  return price(STRONG, tokensOf(texts) + AROUND, countTokens(answer));
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
  const isShared = docs.length > 1 && shared >= SHORTEST_CACHED;
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
