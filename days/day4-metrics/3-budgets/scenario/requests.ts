import type { OpenAI } from 'openai';
import type * as Subject from '#days/day4-metrics/3-budgets/budget.ts';
import { leastEffort, modelFor, quick, type Random } from '#lib/provider';
import { thinkingTokens } from '#lib/provider/models.ts';
import { priceOf } from '#lib/provider/money.ts';
import type * as Contract from '../../contracts/budget.ts';
import { times } from './phases.ts';

export const STRONG = modelFor('strong');
const SMALL = modelFor('small');
/** Room for an answer, and for what a model thinks that cannot be kept from it. */
const MAX_TOKENS = 150 + 4 * thinkingTokens(leastEffort(STRONG) ?? 'none');
/** A dozen calls that use their whole cap. */
export const DAY_MICRO_USD = 12 * MAX_TOKENS * priceOf(STRONG).output;
/** A quarter of the calls of the rush fail: they carry this. */
export const FAULTY = '[bad gateway]';

interface Request {
  scope: Contract.Scope;
  prompt: string;
  /** Two attempts at once, both billed. */
  hedged: boolean;
}

/** The gateway in front of the provider: reserve, call, charge what was billed, release. */
export async function serve(openai: OpenAI, budget: Subject.Budget, request: Request): Promise<void> {
  const attempts = request.hedged ? 2 : 1;
  const decision = budget.reserve(request.scope, attempts * mostMicroUsd(STRONG, request.prompt));
  if (!('lease' in decision)) return;
  const model = decision.action === 'downgrade' ? SMALL : STRONG;
  const messages = [{ role: 'user' as const, content: request.prompt }];
  const ask = async () => {
    const body = { ...quick(model), messages, max_completion_tokens: MAX_TOKENS };
    const { usage } = await openai.chat.completions.create(body, { maxRetries: 0 });
    const { input, output } = priceOf(model);
    const [read, written] = [usage?.prompt_tokens ?? 0, usage?.completion_tokens ?? 0];
    const microUsd = read * input + written * output;
    budget.charge(decision.lease, model, Math.floor(microUsd + 0.5), read + written);
  };
  try {
    await Promise.all(Array.from({ length: attempts }, ask));
  } catch {
    // The caller would see the error; here only the money matters.
  } finally {
    budget.release(decision.lease);
  }
}

/** Dollars per million tokens are micro-dollars per token. */
function mostMicroUsd(model: string, prompt: string): number {
  const { input, output } = priceOf(model);
  // A character is a token at most, and the frame of a message takes a few more.
  return Math.ceil((prompt.length + 16) * input + MAX_TOKENS * output);
}

export function rushes(random: Random): Request[][] {
  return times(10, (rush) =>
    times(50, (i) => {
      const fails = random.next() < 0.25;
      return request('acme', 'chat', `Question ${rush}.${i}${fails ? ` ${FAULTY}` : ''}`);
    }),
  );
}

/** Names that a careless key or a careless CSV takes for something else. */
const TENANTS = ['Acme, Inc.', 'a|b', 'a', 'The "Best" GmbH', 'Two\nLines'];
const FEATURES = ['chat', 'b|chat', 'search'];
/** Two that look the same when they are joined with a bar. */
const ALIKE: [string, string][] = [
  ['a|b', 'chat'],
  ['a', 'b|chat'],
];

/** All tenants with all features, one after the other. */
function pair(i: number): [string, string] {
  return [TENANTS[i % TENANTS.length] ?? '', FEATURES[i % FEATURES.length] ?? ''];
}

export function bill(): Request[] {
  return times(40, (i) => ({
    ...request(...(ALIKE[i] ?? pair(i)), `Bill question ${i}`),
    hedged: i % 4 === 0,
  }));
}

export function request(tenant: string, feature: string, prompt: string): Request {
  return { scope: { tenant, feature, urgent: true }, prompt, hedged: false };
}
