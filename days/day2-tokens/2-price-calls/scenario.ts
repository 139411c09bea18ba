import type OpenAI from 'openai';
import type * as Subject from '#days/day2-tokens/2-price-calls/price-calls.ts';
import {
  defineScenario,
  type Ledger,
  modelFor,
  type Premise,
  type Random,
  type Role,
  SERVICES_URL,
  sum,
  type World,
} from '#lib/provider';
import { findModel } from '#lib/provider/models.ts';
import { costMicroUsd, priceOf, type Tokens } from '#lib/provider/money.ts';
import { answerTo, deployments, listPrice, monthOf } from '../bill.ts';
import type * as Contract from '../contracts/price-calls.ts';

/** A use of something else than tokens, and the service with its units that it is bought from, hour by hour. */
export interface MediaPurchase {
  use: Contract.MediaUse;
  bought: { service: string; units: number }[];
}

export interface Comparison {
  name: string;
  current: string;
  prices: Record<string, Contract.ModelPrice>;
  trials: Contract.Trial[];
  /** Exact rows, and the model to switch to. */
  rows: Contract.CostRow[];
  best: string | null;
}

/** The price list of the ContentFlow exercise: images, clips of five seconds, minutes of speech, stock photos. */
const services = {
  schnell: { unit: 'image', usdPerUnit: 0.003 },
  dev: { unit: 'image', usdPerUnit: 0.025 },
  clips: { unit: 'clip', usdPerUnit: 0.5 },
  speech: { unit: 'half minute', usdPerUnit: 0.05 },
  photos: { unit: 'request', usdPerUnit: 0.001 },
};
const FREE_PHOTOS = 50;

const roles = ['small', 'middle', 'strong', 'thinker'] as const;

export const premises: Premise[] = [
  {
    says: 'Reading from the cache costs less than input, writing more, and output most',
    holds: () =>
      roles.every((role) => {
        const { input, cachedInput = input, cacheWrite = 2 * input, output } = priceOf(modelFor(role));
        return cachedInput < input && cacheWrite > input && output > cacheWrite;
      }),
  },
  {
    says: 'The strong model has a step in price for long contexts, and takes contexts a tenth longer than that',
    holds: () => {
      const { maxInputTokens, contextTokens = 0 } = findModel(modelFor('strong')) ?? {};
      const { aboveTokens } = priceOf(modelFor('strong')).longContext ?? {};
      return aboveTokens !== undefined && (maxInputTokens ?? contextTokens) >= 1.1 * aboveTokens;
    },
  },
  {
    says: 'The middle model is served on flex terms',
    holds: () => findModel(modelFor('middle'))?.tiers.flex !== undefined,
  },
  {
    says: 'The small model costs at most a quarter of the strong one',
    holds: () => priceOf(modelFor('small')).input <= priceOf(modelFor('strong')).input / 4,
  },
];

interface Traffic {
  media: MediaPurchase[];
  comparisons: Comparison[];
}

/** A month's bill to be priced again, and two decisions between models that hang on it. */
export const scenario = defineScenario({
  provider: { deployments, services },
  answer: answerTo,
  traffic: (random): Traffic => ({
    media: mediaBill(random),
    comparisons: [worthSwitching(random), notWorthSwitching(random)],
  }),
  async play(subject: typeof Subject, world: World<Traffic>) {
    const { traffic, ledger, openai } = world;
    const calls = await monthOf(world);
    const mediaBilled: number[] = [];
    for (const { bought } of traffic.media) mediaBilled.push(await buy(bought, ledger, openai.apiKey ?? ''));
    const prices = calls.map(({ usage, price, tier, lifetime }) =>
      subject.priceCall(usage, price, tier, lifetime),
    );
    const media = traffic.media.map(({ use }) => subject.priceMedia(use));
    const decisions = traffic.comparisons.map(({ trials, prices, current, rows: exact }) => {
      const rows = subject.compare(trials, prices);
      // Advice is judged by itself, on rows that are right; what it leads to is measured on the subject's own rows.
      return { rows, advice: subject.advise(exact, current), followed: subject.advise(rows, current) };
    });
    return { calls, prices, media, mediaBilled, decisions };
  },
  readings({ traffic, outcome }) {
    const { calls, prices, media, mediaBilled, decisions } = outcome.value;
    const right = [...calls.map(({ microUsd }) => microUsd), ...mediaBilled];
    const given = [...prices, ...media];
    const offBy = right.map((microUsd, i) => Math.abs((given[i] ?? 0) - microUsd));
    const first = traffic.comparisons[0] as Comparison;
    const costs = afterwards(first);
    const followed = decisions[0]?.followed ?? first.current;
    return {
      'bill off by': {
        unit: 'share',
        better: 'lower',
        value: sum(offBy) / sum(right),
        target: 0,
        limit: 0,
      },
      'a solved task after the advice': {
        unit: 'microUsd',
        better: 'lower',
        value: costs.get(followed) ?? Number.POSITIVE_INFINITY,
        target: costs.get(first.best ?? first.current) ?? 0,
        limit: Math.min(...costs.values()),
      },
    };
  },
});

/** What is done by hand costs so many times what a task solved by the model in use does. */
const BY_HAND = 3;

/**
 * What a solved task costs after a switch to each model. Tasks that the model in use would have solved and the new one
 * does not are then done by hand, so no model comes out cheaper than the cheapest of these.
 */
function afterwards({ current, rows }: Comparison): Map<string, number> {
  const now = rows.find((row) => row.model === current) as Contract.CostRow;
  return new Map(
    rows.map(({ model, solvedShare, microUsdPerSolvedTask }) => {
      const redone = Math.max(0, now.solvedShare - solvedShare);
      const bill = solvedShare * microUsdPerSolvedTask + redone * BY_HAND * now.microUsdPerSolvedTask;
      return [model, bill / (solvedShare + redone)];
    }),
  );
}

/** The rule of the task: the cheapest of those that lose at most a point and save at least a tenth. */
function cheapest(rows: readonly Contract.CostRow[], current: string): string | null {
  const now = rows.find((row) => row.model === current) as Contract.CostRow;
  const better = rows
    .filter((row) => row.solvedShare >= now.solvedShare - 0.01 - 1e-9)
    .filter((row) => row.microUsdPerSolvedTask <= now.microUsdPerSolvedTask * 0.9)
    .toSorted((a, b) => a.microUsdPerSolvedTask - b.microUsdPerSolvedTask);
  return better[0]?.model ?? null;
}

// --- calls -----------------------------------------------------------------------------------------------------

/** The provider's own arithmetic: whole numbers, rounded once. */
function charge(tokens: Tokens, model: string): number {
  return costMicroUsd(tokens, priceOf(model));
}

function usageOf({ input, cached, output, reasoning = 0, cacheWrite = 0 }: Tokens): OpenAI.CompletionUsage {
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

// --- media -----------------------------------------------------------------------------------------------------

/** Buys at the provider, and says what its ledger then has for it, in micro-dollars. */
async function buy(bought: MediaPurchase['bought'], ledger: Ledger, key: string): Promise<number> {
  const first = ledger.calls.length;
  for (const { service, units } of bought) {
    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${SERVICES_URL}/${service}`, { method: 'POST', headers, body: JSON.stringify({ units }) });
  }
  return sum(ledger.calls.slice(first).map(({ costMicroUsd }) => costMicroUsd));
}

function mediaBill(random: Random): MediaPurchase[] {
  const images = Array.from({ length: 6 }, (_, i): MediaPurchase => {
    const [service, units] = [i % 2 ? ('dev' as const) : ('schnell' as const), 1 + random.int(400)];
    const use = { kind: 'images' as const, count: units, usdEach: services[service].usdPerUnit };
    return { use, bought: [{ service, units }] };
  });
  const clips = Array.from({ length: 4 }, (): MediaPurchase => {
    const seconds = 1 + random.int(40) + 0.5;
    const use = { kind: 'video' as const, seconds, clipSeconds: 5, usdPerClip: services.clips.usdPerUnit };
    return { use, bought: [{ service: 'clips', units: Math.ceil(seconds / 5) }] };
  });
  const speech = Array.from({ length: 4 }, (): MediaPurchase => {
    const units = 1 + random.int(40);
    const use = { kind: 'audio' as const, seconds: 30 * units, usdPerMinute: 2 * services.speech.usdPerUnit };
    return { use, bought: [{ service: 'speech', units }] };
  });
  const photos = Array.from({ length: 3 }, (): MediaPurchase => {
    const perHour = random.shuffle([0, 12, 49, 50, 51, 80 + random.int(100), 200 + random.int(100)]);
    const use = { kind: 'requests' as const, perHour, freePerHour: FREE_PHOTOS, usdEach: 0.001 };
    // The free ones of an hour are not even counted.
    const paid = perHour.map((count) => count - FREE_PHOTOS).filter((count) => count > 0);
    return { use, bought: paid.map((units) => ({ service: 'photos', units })) };
  });
  return [...images, ...clips, ...speech, ...photos];
}

// --- comparisons -----------------------------------------------------------------------------------------------

interface Candidate {
  role: Role;
  /** Tasks solved out of 200. */
  solved: number;
  attempts?: number;
  input: number;
  output: number;
  reasoning?: number;
}

const nameOf = (role: Role, how = '') => `${modelFor(role)}${how}`;

/**
 * A strong model against others. The one with the smallest bill solves too few tasks, and the middle one loses a point and
 * a half; thinking long, and at a second attempt, the small one loses exactly a point.
 */
function worthSwitching(random: Random): Comparison {
  return comparison(random, 'product descriptions', nameOf('strong'), {
    [nameOf('strong')]: { role: 'strong', solved: 190, input: 1000, output: 250 },
    [nameOf('thinker')]: { role: 'thinker', solved: 193, input: 1000, output: 700, reasoning: 450 },
    [nameOf('middle')]: { role: 'middle', solved: 187, input: 1000, output: 260 },
    [nameOf('small')]: { role: 'small', solved: 140, input: 1000, output: 240 },
    [nameOf('small', ', thinking')]: {
      role: 'small',
      solved: 188,
      attempts: 2,
      input: 1000,
      output: 1100,
      reasoning: 830,
    },
  });
}

/** Here the model in use is the right one: what looks cheaper saves 5 %, or loses too many tasks. */
function notWorthSwitching(random: Random): Comparison {
  const { input, output } = priceOf(modelFor('middle'));
  const shorter = Math.round(300 - (0.05 * (2000 * input + 300 * output)) / output);
  return comparison(random, 'contract questions', nameOf('middle'), {
    [nameOf('middle')]: { role: 'middle', solved: 180, input: 2000, output: 300 },
    [nameOf('middle', ', brief')]: { role: 'middle', solved: 181, input: 2000, output: shorter },
    [nameOf('small')]: { role: 'small', solved: 150, input: 2000, output: 300 },
    [nameOf('strong')]: { role: 'strong', solved: 196, input: 2100, output: 320 },
  });
}

const TASKS = 200;

function comparison(
  random: Random,
  name: string,
  current: string,
  candidates: Record<string, Candidate>,
): Comparison {
  const prices: Record<string, Contract.ModelPrice> = {};
  const trials: Contract.Trial[] = [];
  const rows: Contract.CostRow[] = [];
  for (const [model, candidate] of Object.entries(candidates)) {
    const { role, solved, attempts = 1, input, output, reasoning = 0 } = candidate;
    prices[model] = listPrice(modelFor(role));
    const used = Array.from({ length: TASKS * attempts }, () => ({
      input: input + random.int(200) - 100,
      cached: 0,
      output: output + random.int(60) - 30,
      reasoning,
    }));
    for (let task = 0; task < TASKS; task += 1) {
      const mine = used.slice(task * attempts, (task + 1) * attempts);
      trials.push({ model, attempts: mine.map(usageOf), solved: task < solved });
    }
    const microUsd = sum(used.map((tokens) => charge(tokens, modelFor(role))));
    rows.push({ model, solvedShare: solved / TASKS, microUsdPerSolvedTask: microUsd / solved });
  }
  return { name, current, prices, rows, trials: random.shuffle(trials), best: cheapest(rows, current) };
}
