import {
  brownOut,
  createOracle,
  type DeploymentPlan,
  defineScenario,
  LAB_PACE,
  leastEffort,
  type Random,
  randomFor,
  type Scenario,
  type World,
} from '#lib/provider';
import { priceOf } from '#lib/provider/money.ts';
import type { Assistant, Context, ModelNames, Optimization, Segment } from '../contracts/assistant.ts';
import { prepaidMicroUsd } from './bill.ts';
import { DIMENSIONS, EMBEDDING, SMALL, STRONG } from './ladder.ts';
import { lastWeeksPairs } from './last-week.ts';
import { createDayOracle, type DayOracle } from './oracle.ts';
import { editionAt, pageOf, rulesOf, TENANTS } from './texts.ts';
import { type DayPlan, DIFFICULTY, PREPAID, type Task, tasksOf } from './traffic.ts';

/** What a solution of the lab exports. */
export interface Solution {
  /** Names of what it does to be fast and cheap; each can be switched off. */
  optimizations: readonly Optimization[];
  createAssistant(context: Context, off: ReadonlySet<string>): Assistant;
}

/** One request of a day and what came of it. */
export interface Served {
  task: Task;
  startMs: number;
  /** When the first words arrived; blanks are none. */
  firstMs: number | undefined;
  endMs: number;
  text: string;
  degraded: string | undefined;
  error: unknown;
}

export interface Day {
  plan: DayPlan;
  tasks: Task[];
  oracle: DayOracle;
}

export type DayScenario = Scenario<Solution, Day, Served[]>;

const LIMITS = { openai: { rpm: 80, tpm: 200_000 }, azure: { requests: 8, sliceMs: 10_000 } };
export const CACHE_ENTRIES = 500;

/** What a reserved deployment takes to begin, and tokens a second. */
export const RESERVED_PACE = { ttftMs: 260, outputPerSec: 70 };
/** Both send a few words at a time, as behind a content filter. */
const CHUNK_TOKENS = 6;
const quota = { requestsPerMin: LIMITS.openai.rpm, tokensPerMin: LIMITS.openai.tpm };
const payAsYouGo = {
  quota,
  chunkTokens: CHUNK_TOKENS,
  latency: { ttftMs: 450, p95OverP50: 1.6, outputPerSec: 30 },
  stragglers: { share: 0.02, factor: 4 },
};
const reserved = {
  vendor: 'azure',
  chunkTokens: CHUNK_TOKENS,
  quota: { requestsPerMin: (LIMITS.azure.requests * 60_000) / LIMITS.azure.sliceMs, tokensPerMin: 400_000 },
  latency: { ttftMs: RESERVED_PACE.ttftMs, p95OverP50: 1.3, outputPerSec: RESERVED_PACE.outputPerSec },
} as const;

function at(place: DeploymentPlan, role: 'small' | 'strong'): DeploymentPlan {
  return { ...place, role, latency: { ...LAB_PACE[role], ...place.latency } };
}

/** A day of ContentFlow, put to an assistant request by request as the day goes on. */
export function dayScenario(plan: DayPlan, off: readonly string[] = []): DayScenario {
  let oracle: DayOracle | undefined;
  return defineScenario({
    provider: {
      deployments: {
        strong: at(payAsYouGo, 'strong'),
        small: at(payAsYouGo, 'small'),
        'chat-strong': at(reserved, 'strong'),
        'chat-small': at(reserved, 'small'),
        embedder: { latency: { ttftMs: 50, p95OverP50: 1.3 } },
      },
      batch: { medianMs: 30 * 60_000, p95Ms: 90 * 60_000 },
    },
    faults: [STRONG, SMALL].flatMap((deployment) => brownOut({ ...plan.brownOut, deployment })),
    answer: (request) => oracle?.answer(request),
    traffic(random: Random) {
      const tasks = tasksOf(randomFor(random.int(1e9), plan.number), plan);
      oracle = createDayOracle(tasks);
      return { plan, tasks, oracle };
    },
    async play(subject: Solution, world) {
      const assistant = subject.createAssistant(contextOf(world), new Set(off));
      return Promise.all(await inTime(world, (task) => serve(assistant, task, world)));
    },
  });
}

/** Starts something for each task at its moment, and gives what was started. */
async function inTime<T>({ traffic, clock }: World<Day>, start: (task: Task) => T): Promise<T[]> {
  const started: T[] = [];
  for (const task of traffic.tasks) {
    const waitMs = task.atMs - clock.now();
    if (waitMs > 0) await clock.sleep(waitMs);
    started.push(start(task));
  }
  return started;
}

async function serve(assistant: Assistant, task: Task, { clock }: World<Day>): Promise<Served> {
  const served: Served = {
    ...{ task, startMs: clock.now(), firstMs: undefined, endMs: 0 },
    ...{ text: '', degraded: undefined, error: undefined },
  };
  try {
    for await (const { text, degraded } of assistant.handle(task.request)) {
      if (text.trim() !== '') served.firstMs ??= clock.now();
      served.text += text;
      served.degraded ??= degraded;
    }
  } catch (error) {
    served.error = error ?? new Error('nothing was thrown as the reason');
  }
  served.endMs = clock.now();
  return served;
}

function contextOf({ openai, azure, clock, traffic, seed }: World<Day>): Context {
  const { plan, tasks } = traffic;
  const pages = new Map(
    [1, 2].flatMap((edition) => TENANTS.map((tenant) => [`${tenant} ${edition}`, pageOf(tenant, edition)])),
  );
  const random = randomFor(seed, 'assistant');
  return {
    ...{ openai, azure, samples, pairs: lastWeeksPairs, random: () => random.next() },
    models: { strong: namesOf(STRONG, 'chat-strong'), small: namesOf(SMALL, 'chat-small') },
    embeddings: { model: EMBEDDING, dimensions: DIMENSIONS },
    limits: LIMITS,
    rules: rulesOf,
    handbook(tenant) {
      const edition = editionAt(tenant, clock.now(), plan.updateMs);
      return { edition, text: pages.get(`${tenant} ${edition}`) ?? '' };
    },
    allowance: { tenant: PREPAID, microUsd: prepaidMicroUsd(tasks, plan) },
    cacheEntries: plan.crawl?.cacheEntries ?? CACHE_ENTRIES,
  };
}

function namesOf(model: string, deployment: string): ModelNames {
  const { input, cachedInput = input, cacheWrite = input, output } = priceOf(model);
  const effort = leastEffort(model);
  return {
    ...{ model, deployment, inputMicroUsd: input, outputMicroUsd: output },
    ...{ cachedMicroUsd: cachedInput, writeMicroUsd: cacheWrite, ...(effort && { effort }) },
  };
}

// --- what is known from last week -------------------------------------------------------------------------------

const SAMPLES_EACH = 200;

/** Difficulty decides, as it will today; luck is another. */
const samples: Context['samples'] = (Object.keys(DIFFICULTY) as Segment[]).flatMap((kind) => {
  const tasks = Array.from({ length: SAMPLES_EACH }, (_, i) => ({ id: `last week's ${kind} ${i}`, kind }));
  return tasks.flatMap(({ id }) =>
    [SMALL, STRONG].map((model) => {
      const right = solvedLastWeek(model, id, DIFFICULTY[kind]);
      return { kind, model, right, score: right ? 0.8 : 0.4 };
    }),
  );
});

function solvedLastWeek(model: string, id: string, difficulty: number): boolean {
  return createOracle([{ id, answer: '', difficulty }]).solves(model, id, 0);
}
