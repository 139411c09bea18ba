import { type Call, sum } from '#lib/provider';
import type { Optimization } from '../contracts/assistant.ts';
import { naiveTokens } from './bill.ts';
import { SMALL } from './ladder.ts';
import { ID } from './oracle.ts';
import { firstMs, type Outcome, tookMs } from './outcome.ts';

/** What an optimisation does, as a share that is 0 for the naive assistant. */
interface Effect {
  says: string;
  of(outcome: Outcome): number;
}

export const EFFECTS: Record<Optimization, Effect> = {
  intelligent_caching: {
    says: 'of the help questions were answered without a call',
    of: ({ help }) => share(help, (it) => it.hit),
  },
  prefix_layout: {
    says: 'of the input was read from the prompt cache',
    of: ({ calls }) => sum(calls.map(({ tokens }) => tokens.cached)) / inputOf(calls),
  },
  prompt_compression: { says: 'of the input about chapters was spared', of: sparedShare },
  model_downgrading: {
    says: 'of the answers came from the small model',
    of: ({ calls }) => share(answered(calls), ({ model }) => model === SMALL),
  },
  request_batching: { says: 'of the tags were not asked for one by one', of: togetherShare },
  streaming: {
    says: 'of the time until the end of an answer came after its first word',
    of: ({ steady }) => 1 - sum(steady.map(firstMs)) / Math.max(1, sum(steady.map(tookMs))),
  },
  load_balancing: {
    says: 'of the answers came from the reserved deployment',
    of: ({ calls }) => share(answered(calls), ({ vendor }) => vendor === 'azure'),
  },
};

/** How much each optimisation does in a stretch of a day. */
export function effectsOf(outcome: Outcome): Record<Optimization, number> {
  const shares = Object.entries(EFFECTS).map(([name, { of }]) => [name, of(outcome)]);
  return Object.fromEntries(shares);
}

/** Below this an optimisation does nothing. */
export const LEAST_EFFECT = 0.05;

export function isOptimization(name: string): name is Optimization {
  return Object.hasOwn(EFFECTS, name);
}

/** Of the input that the naive assistant sends for an account or a document. */
function sparedShare({ calls, day }: Outcome): number {
  const tasks = new Map(day.tasks.map((task) => [task.request.id, task]));
  const [sent, naive] = [[0], [0]];
  for (const { prompt, tokens } of answered(calls)) {
    const [task, another] = (prompt.match(ID) ?? []).map((id) => tasks.get(id));
    if (!task || another || task.request.docs.length < 2) continue;
    sent.push(tokens.input);
    naive.push(naiveTokens(task, day.plan));
  }
  return 1 - sum(sent) / Math.max(1, sum(naive));
}

function togetherShare({ calls, day }: Outcome): number {
  const alone = new Set(
    answered(calls)
      .filter(({ surface }) => surface === 'chat')
      .map(({ prompt }) => prompt.match(ID) ?? [])
      .flatMap((ids) => (ids.length === 1 ? ids : [])),
  );
  const tags = day.tasks.filter(({ request }) => request.segment === 'tagging');
  return share(tags, ({ request }) => !alone.has(request.id));
}

function answered(calls: readonly Call[]): Call[] {
  return calls.filter(({ outcome }) => outcome === 'answered');
}

function inputOf(calls: readonly Call[]): number {
  return Math.max(1, sum(calls.map(({ tokens }) => tokens.input)));
}

function share<T>(items: readonly T[], is: (item: T) => boolean): number {
  return items.filter(is).length / Math.max(1, items.length);
}
