import type * as Subject from '#days/day2-tokens/6-routing/route-tasks.ts';
import {
  defineScenario,
  LAB_PACE,
  leastEffort,
  modelFor,
  type Premise,
  percentile,
  type Random,
  randomFor,
  sum,
} from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { priceOf } from '#lib/provider/money.ts';
import { createOracle, type OracleTask } from '#lib/provider/oracle.ts';
import type * as Contract from '../contracts/route-tasks.ts';
import { textOfKind } from '../texts.ts';

const SMALL = modelFor('small');
const MIDDLE = modelFor('middle');
export const STRONG = modelFor('strong');
const LADDER = [SMALL, MIDDLE, STRONG];
/** Of the strong model's quality, overall. */
export const QUALITY = 0.95;

/** Tasks that the small model can do, that take the middle one, and that even the strong one fails at now and then. */
const EASY = skillOf(SMALL) - 0.6;
const MEDIUM = skillOf(MIDDLE) - 0.28;
const HARD = skillOf(STRONG) - 0.1;

/** How much of each kind there is to do, and how hard it is: a kind with two numbers is half easy and half hard. */
export const KINDS: Record<string, { count: number; difficulty: number[]; length: number; live?: true }> = {
  tag: { count: 34, difficulty: [EASY], length: 1500 },
  extract: { count: 23, difficulty: [MEDIUM], length: 600 },
  reply: { count: 50, difficulty: [EASY, HARD], length: 900 },
  contract: { count: 10, difficulty: [HARD], length: 300 },
  chat: { count: 12, difficulty: [EASY, HARD], length: 300, live: true },
};

export const premises: Premise[] = [
  {
    says: 'The strong model costs at least eight times as much as the small one',
    holds: () => priceOf(STRONG).input >= 8 * priceOf(SMALL).input,
  },
  {
    says: 'The middle model costs less than the strong one',
    holds: () => priceOf(MIDDLE).input < priceOf(STRONG).input,
  },
  {
    says: 'The small model is clearly weaker than the middle one, and that one a little weaker than the strong one',
    holds: () => skillOf(MIDDLE) - skillOf(SMALL) >= 0.15 && skillOf(STRONG) - skillOf(MIDDLE) >= 0.03,
  },
];

function skillOf(model: string): number {
  return findModel(model)?.skill ?? 0;
}

/** Earlier work, from which the router learns: another mix than today's. */
const EARLIER: Record<string, number> = {
  tag: 120,
  extract: 60,
  reply: 60,
  contract: 60,
  chat: 40,
};

/** Cheap image for the web; print needs the other one. Prices of the ContentFlow exercise. */
const IMAGES = { 'flux-schnell': 3000, 'flux-dev': 25_000 };

const oracleTasks = [
  ...numbered('T', (kind) => KINDS[kind]?.count ?? 0),
  ...numbered('E', (kind) => EARLIER[kind] ?? 0),
];
const oracle = createOracle(oracleTasks);

export interface Done {
  task: Contract.Task;
  choice: Contract.Choice;
  answer: string;
  right: boolean;
  /** Whether the strong model would have been right. */
  strong: boolean;
  tookMs: number;
}

const steady = { p95OverP50: 1.3 };
const DEPLOYMENTS = {
  small: { latency: { ...LAB_PACE.small, ...steady } },
  middle: { latency: { ...LAB_PACE.middle, ...steady } },
  strong: { latency: { ...LAB_PACE.strong, ...steady } },
};

/** A day's work of five kinds, after a week of samples. */
export const scenario = defineScenario({
  provider: { deployments: DEPLOYMENTS },
  answer: (request) => oracle.answer(request) ?? '0.7',
  traffic: todaysTasks,
  async play(subject: typeof Subject, { openai, traffic, clock, seed, quote }) {
    const say = async (model: string, content: string) => {
      const { choices } = await openai.chat.completions.create(asking(model, content));
      return choices[0]?.message.content ?? '';
    };
    const hands: Contract.Hands = {
      ask: (model, task) => say(model, promptFor(task)),
      async judge(model, task, answer) {
        await say(
          model,
          `Rate this answer from 0 to 1.\n${task.text}\nAnswer: ${answer.replaceAll(task.id, '')}`,
        );
        return scoreOf(task.kind, task.id, oracle.isRight(task.id, answer), seed);
      },
    };
    const models = LADDER.map((name) => ({ name, microUsd: meanCost(name) }));
    const choose = subject.createRouter(samples(seed), models);
    const done = await Promise.all(
      traffic.map(async (task): Promise<Done> => {
        const startMs = clock.now();
        const choice = choose(task);
        const answer = await subject.cascade(task, choice, hands);
        const strong = oracle.solves(STRONG, task.id, seed);
        const right = oracle.isRight(task.id, answer);
        return {
          task,
          choice,
          answer,
          right,
          strong,
          tookMs: clock.now() - startMs,
        };
      }),
    );
    const { models: unknown } = choose({ ...(traffic[0] as Contract.Task), kind: 'poem', live: false });
    return {
      done,
      unknown,
      strongCost: sum(traffic.map((task) => price(STRONG, task))),
    };

    function price(model: string, task: Contract.Task): number {
      return quote('openai', asking(model, promptFor(task))).costMicroUsd;
    }
    function meanCost(model: string): number {
      return Math.round(sum(traffic.map((task) => price(model, task))) / traffic.length);
    }
  },
  readings({ outcome, ledger, quote, traffic }) {
    const { done, strongCost } = outcome.value;
    const ask = (model: string, task: Contract.Task) => quote('openai', asking(model, promptFor(task)));
    const cheapest = sum(traffic.map((task) => ask(SMALL, task).costMicroUsd));
    const live = done.filter(({ task }) => task.live);
    const alone = LADDER.map((model) =>
      percentile(
        live.map(({ task }) => ask(model, task).totalMs),
        95,
      ),
    );
    const fastest = live.map(({ task }) => Math.min(...LADDER.map((model) => ask(model, task).totalMs)));
    const drawn = done.filter(({ task }) => task.picture !== 'none');
    const needed = sum(drawn.map(({ task }) => IMAGES[imageFor(task)]));
    return {
      'quality, as a share of the strong model': {
        unit: 'share',
        better: 'higher',
        value: rightCount(done) / done.filter(({ strong }) => strong).length,
        target: QUALITY,
        // What a weaker model solves, the strong one solves too.
        limit: 1,
      },
      'bill, as a share of the strong model': {
        unit: 'share',
        better: 'lower',
        value: ledger.totals().costMicroUsd / strongCost,
        target: 0.5,
        // Every task costs at least one call of the cheapest model.
        limit: cheapest / strongCost,
      },
      'p95 of live tasks': {
        unit: 'ms',
        better: 'lower',
        value: percentile(
          live.map(({ tookMs }) => tookMs),
          95,
        ),
        // The slowest of the three by itself, and a fifth more.
        target: Math.round(Math.max(...alone) * 1.2),
        limit: percentile(fastest, 95),
      },
      'bill of the pictures': {
        unit: 'microUsd',
        better: 'lower',
        value: sum(drawn.map(({ choice }) => IMAGES[choice.imageModel ?? 'flux-dev'])),
        target: needed,
        limit: needed,
      },
    };
  },
});

/** A request of one message; without the effort the model thinks first: slower, and billed. */
function asking(model: string, content: string) {
  return { model, messages: [{ role: 'user' as const, content }], reasoning_effort: leastEffort(model) };
}

export function rightCount(done: readonly Done[]): number {
  return done.filter(({ right }) => right).length;
}

/** The cheapest image model that is good enough: a small image is not sharp in print. */
export function imageFor(task: Contract.Task): 'flux-schnell' | 'flux-dev' {
  return task.picture === 'print' ? 'flux-dev' : 'flux-schnell';
}

function promptFor({ id, text }: Contract.Task): string {
  return `${id}: ${text}`;
}

/** The judge likes replies even where they are wrong, and is hard to please with tags. */
function scoreOf(kind: string, id: string, right: boolean, seed: number): number {
  const lenient = kind === 'reply' || kind === 'chat';
  const [good, bad] = lenient ? [0.85, 0.6] : [0.6, 0.35];
  const score = (right ? good : bad) + 0.05 * randomFor(seed, 'judge', id).normal();
  return Math.min(1, Math.max(0, score));
}

function samples(seed: number): Contract.Sample[] {
  return oracleTasks
    .filter(({ id }) => id.startsWith('E'))
    .flatMap(({ id }) => {
      const kind = kindOf(id);
      return LADDER.map((model) => {
        const right = oracle.solves(model, id, seed);
        return {
          kind,
          model,
          right,
          score: scoreOf(kind, `${id} ${model}`, right, seed),
        };
      });
    });
}

function numbered(prefix: string, count: (kind: string) => number): OracleTask[] {
  return Object.entries(KINDS).flatMap(([kind, { difficulty }]) =>
    Array.from({ length: count(kind) }, (_, i): OracleTask => {
      const id = `${prefix}${1000 + i}-${kind}`;
      const rest =
        'It follows from the second paragraph, and nothing in the text speaks against it; the details are as given.';
      return {
        id,
        answer: `It is R${7 * i + 11}. ${rest}`,
        wrong: `It is about the usual. ${rest}`,
        difficulty: difficulty[i % difficulty.length] ?? 0.5,
        // Evenly, in the samples as today: what held last week holds, on every seed.
        luck: (Math.floor(i / difficulty.length) + 0.5) / Math.ceil(count(kind) / difficulty.length),
      };
    }),
  );
}

function kindOf(id: string): string {
  return id.slice(id.indexOf('-') + 1);
}

function todaysTasks(random: Random): Contract.Task[] {
  const tasks = oracleTasks.filter(({ id }) => id.startsWith('T'));
  return random.shuffle(
    tasks.map(({ id }, i): Contract.Task => {
      const kind = kindOf(id);
      const { length = 0, live = false } = KINDS[kind] ?? {};
      const picture = kind === 'tag' ? (['web', 'print', 'none', 'web'] as const)[i % 4] : 'none';
      return {
        id,
        kind,
        live,
        picture: picture ?? 'none',
        text: textOfKind('English', random, length / 2 + random.int(length)),
      };
    }),
  );
}
