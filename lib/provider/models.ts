import catalogue from './catalogue.json' with { type: 'json' };
import { dayOf } from './day.ts';
import type { Encoding } from './tokens.ts';

/** How fast a model answers. Illustrative figures inside published bands, not a vendor's promise. */
export interface LatencyProfile {
  /** Median time to the first token of a short prompt on an idle deployment. */
  ttftMs: number;
  /** Input tokens read per second before the first token comes. */
  prefillPerSec: number;
  /** Output tokens per second once the answer flows. */
  outputPerSec: number;
  /** How far the tail reaches: the 95th percentile of the time to first token over its median. */
  p95OverP50: number;
}

/** How much a model thinks before it answers, as `reasoning_effort` and `reasoning.effort` name it. */
export type Effort = keyof typeof catalogue.thinking.tokens;

/** When a rule of a family holds: always, only while the effort is `none`, or never. */
type Allowed = 'always' | 'effort-none' | 'never';

/** What is the same for all models of a family. */
interface Family {
  encoding: Encoding;
  /** Efforts that can be asked for; none for a model that does not think. */
  efforts: readonly Effort[];
  defaultEffort?: Effort;
  /** When `temperature` and `top_p` other than 1 are taken. */
  sampling: Allowed;
  /** When function tools are taken in Chat Completions; Responses takes them always. */
  toolsInChat: Allowed;
  /** False: the effort `max` is for Responses only. Default: true. */
  maxInChat?: boolean;
  /** The field that caps the output in Chat Completions. */
  outputCap: 'max_tokens' | 'max_completion_tokens';
  /** True: `temperature` and `top_p` are no parameters of it. Default: they have one value. */
  samplingIsUnknown?: boolean;
  /** How prompts are cached: by longest prefix, by breakpoint (GPT-5.6 and later), or not. */
  promptCache: 'prefix' | 'breakpoint' | 'none';
  /** Policies that `prompt_cache_retention` may name. */
  cacheRetention: readonly ('in_memory' | '24h')[];
  /** Share of the standard price in other tiers. A tier that is not here is refused. */
  tiers: { batch?: number; flex?: number; fast?: number };
  /** What answers call the fast tier. Default: `priority`, as it was called before July 2026. */
  fastIsCalled?: 'fast' | 'priority';
}

export interface Model extends Omit<Family, 'defaultEffort'> {
  kind: 'chat' | 'embedding' | 'image' | 'speech';
  family: string;
  /** The dated name that answers carry; the alias where no dated name is public. */
  snapshot: string;
  /** Most tokens of input and output together. */
  contextTokens: number;
  /** Most tokens of input alone, where that is less. */
  maxInputTokens?: number;
  maxOutputTokens: number;
  latency: LatencyProfile;
  /** What a request without an effort gets; `none` for a model that does not think. */
  defaultEffort: Effort;
  /** From 0 to 1; a model solves a task of its own difficulty half of the time. Illustrative, see the catalogue. */
  skill: number;
  /** Last day of service on each platform, as YYYY-MM-DD; null where none is announced. */
  lastDay: { openai: string | null; azure: string | null };
  /** Numbers in a vector, for an embedding model; 0 otherwise. */
  dimensions: number;
  /** For how long at least a prompt can be kept in the cache, where that is sold: "30m", "12h". */
  cacheLifetimes: readonly string[];
}

/** The day on which the catalogue's facts were true. */
export const CATALOGUE_AS_OF = catalogue.asOf;

export type ModelName = keyof typeof catalogue.models;

export const MODEL_NAMES = Object.keys(catalogue.models) as ModelName[];

/** The model of that name, or undefined: an unknown name is a caller's error, answered as the vendor does. */
export function findModel(name: string): Model | undefined {
  return MODELS.get(name);
}

/** Who a lab asks for: a model by what it is good for, whatever it is called this year. */
export type Role = keyof typeof catalogue.roles;

export const ROLES = Object.keys(catalogue.roles) as Role[];

/** The model that plays a role, as the catalogue has it. */
export function modelFor(role: Role): ModelName {
  return catalogue.roles[role].model as ModelName;
}

/**
 * The effort with which a model answers soonest: `none` where it can be asked for. A request without an effort thinks
 * as long as its model likes. Undefined for a model that does not think, or that the catalogue does not know: then
 * leave the field out.
 */
export function leastEffort(name: string): Effort | undefined {
  return findModel(name)?.efforts[0];
}

/** The fields with which a model is asked to answer at once. */
export function quick(model: string): { model: string; reasoning_effort: Effort | undefined } {
  return { model, reasoning_effort: leastEffort(model) };
}

/** What a role asks of its model that this one lacks, in words; empty where it can play it. */
export function lacksOf(role: Role, name: ModelName = modelFor(role)): string[] {
  const model = findModel(name);
  if (!model) return [`the catalogue has no model "${name}"`];
  return catalogue.roles[role].needs.filter((need) => !NEEDS[need as Need](model));
}

/** Whether a model is served on a platform on the catalogue's day. */
export function isServed({ lastDay, snapshot }: Model, vendor: 'openai' | 'azure'): boolean {
  const last = lastDay[vendor];
  return last === null || last > catalogue.asOf || Object.hasOwn(catalogue.servedStill, snapshot);
}

/** Roles whose model has so few days to live on one of its platforms, seen from a day (YYYY-MM-DD). */
export function endingSoon(today: string, days = 90): { role: Role; model: ModelName; lastDay: string }[] {
  const horizon = dayOf(() => Date.parse(today) + days * 86_400_000);
  return ROLES.flatMap((role) => {
    const model = modelFor(role);
    const [lastDay] = Object.values(findModel(model)?.lastDay ?? {})
      .filter((day) => day !== null)
      .sort();
    return lastDay !== undefined && lastDay <= horizon ? [{ role, model, lastDay }] : [];
  });
}

/** Median of the hidden tokens that an effort draws before an answer. */
export function thinkingTokens(effort: Effort): number {
  return catalogue.thinking.tokens[effort];
}

/** What a role may need, by name. */
export const NEEDS = {
  'effort-none': ({ efforts }) => efforts[0] === 'none',
  thinking: ({ efforts }) => efforts.length > 0,
  sampling: ({ sampling }) => sampling !== 'never',
  'tools-in-chat': ({ toolsInChat }) => toolsInChat !== 'never',
  breakpoints: ({ promptCache }) => promptCache === 'breakpoint',
  embeddings: ({ kind }) => kind === 'embedding',
} satisfies Record<string, (model: Model) => boolean>;

export type Need = keyof typeof NEEDS;

// --- reading the catalogue ---------------------------------------------------------------------------------------

/** A model's entry: what its family does not say, or says otherwise. */
interface Entry extends Partial<Family> {
  kind: Model['kind'];
  family: string;
  snapshot: string;
  contextTokens: number;
  maxInputTokens?: number;
  maxOutputTokens: number;
  pace: Omit<LatencyProfile, 'p95OverP50'>;
  skill?: number;
  dimensions?: number;
  lastDay: Model['lastDay'];
  price?: { cacheWrite?: Record<string, number> };
}

/** That p95 is 2 to 6 times p50 is what router telemetry shows. */
const P95_OVER_P50 = 2.5;

const families: Record<string, Family> = catalogue.families as Record<
  keyof typeof catalogue.families,
  Family
>;

const MODELS = new Map(
  Object.entries(catalogue.models as unknown as Record<string, Entry>).map(
    ([name, entry]): [string, Model] => {
      const { pace, skill = 0, dimensions = 0, price, ...own } = entry;
      const family = families[entry.family];
      if (!family) throw new Error(`The catalogue has no family "${entry.family}", which ${name} names.`);
      const latency = { ...pace, p95OverP50: P95_OVER_P50 };
      const cacheLifetimes = Object.keys(price?.cacheWrite ?? {});
      return [name, { defaultEffort: 'none', ...family, ...own, latency, skill, dimensions, cacheLifetimes }];
    },
  ),
);
