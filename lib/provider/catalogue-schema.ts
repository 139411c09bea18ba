import * as z from 'zod';
import { type Model, NEEDS, type Need } from './models.ts';

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'a day as YYYY-MM-DD');
const usd = z.number().min(0);
const allowed = z.enum(['always', 'effort-none', 'never']);
const source = z.string().describe('A key of `sources`.');
const tiers = z
  .strictObject({ batch: z.number(), flex: z.number(), fast: z.number() })
  .partial()
  .describe(
    'Share of the standard price, by tier. A tier that is left out is refused. Lab 2.7 takes a half for batch and flex for granted.',
  );

const price = z
  .strictObject({
    input: usd,
    output: usd,
    cachedInput: usd.optional().describe('Input read from the prompt cache.'),
    cacheWrite: z
      .record(z.string(), usd)
      .optional()
      .describe(
        'Input written to it, by how long it is kept at least: {"30m": 0.125}. Left out, writing is free.',
      ),
    longContext: z
      .strictObject({ aboveTokens: z.int(), inputFactor: z.number(), outputFactor: z.number() })
      .optional(),
    source,
  })
  .describe('USD per million tokens.');

/** What is the same for all models of a family. A model may say each otherwise for itself. */
const family = {
  encoding: z.enum(['o200k_base', 'cl100k_base']),
  efforts: z
    .array(z.string())
    .describe('Efforts that can be asked for, the least first; none if it does not think.'),
  defaultEffort: z.string().optional().describe('What a request without an effort gets.'),
  sampling: allowed.describe('When `temperature` and `top_p` other than 1 are taken.'),
  toolsInChat: allowed.describe('When Chat Completions takes function tools. Responses takes them always.'),
  samplingIsUnknown: z
    .boolean()
    .optional()
    .describe('True: the refusal says that there is no such parameter.'),
  outputCap: z.enum(['max_tokens', 'max_completion_tokens']),
  promptCache: z.enum(['prefix', 'breakpoint', 'none']),
  cacheRetention: z
    .array(z.enum(['in_memory', '24h']))
    .describe('Policies that `prompt_cache_retention` may name.'),
  maxInChat: z.boolean().optional().describe('False: the effort `max` is for Responses only.'),
  tiers,
  fastIsCalled: z
    .enum(['fast', 'priority'])
    .optional()
    .describe('What answers call the fast tier. Left out: `priority`.'),
};

const model = z.strictObject({
  kind: z.enum(['chat', 'embedding', 'image', 'speech']),
  family: z.string().describe('A key of `families`.'),
  snapshot: z.string().describe('The dated name that answers carry; the alias where none is public.'),
  contextTokens: z.int(),
  maxInputTokens: z.int().optional().describe('Of input alone, where that is less.'),
  maxOutputTokens: z.int(),
  pace: z
    .strictObject({ ttftMs: z.number(), prefillPerSec: z.number(), outputPerSec: z.number() })
    .describe('Time to first token of a short prompt; tokens read and written a second.'),
  skill: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('A model solves a task of its own difficulty half of the time.'),
  dimensions: z.int().optional().describe('Numbers in a vector of an embedding model.'),
  price: price.optional(),
  images: z.record(z.string(), z.union([usd, z.string()])).optional(),
  speech: z.strictObject({ perMillionCharacters: usd, source }).optional(),
  lastDay: z
    .strictObject({ openai: day.nullable(), azure: day.nullable() })
    .describe('Last day of service by platform; null where none is announced.'),
  lastDaySources: z
    .strictObject({ openai: source, azure: source })
    .partial()
    .optional()
    .describe('Where they are not the usual ones.'),
  released: day.optional(),
  source: source.optional().describe('Of what it does otherwise than its family.'),
  note: z.string().optional(),
  ...z.object(family).partial().shape,
});

const needs = z.array(z.enum(Object.keys(NEEDS) as Need[]));
const role = z.strictObject({ model: z.string(), needs });

/** The format of catalogue.json: everything that is known of models, dated, with a source for each figure. */
export const catalogueSchema = z.strictObject({
  asOf: day.describe(
    'The day on which all of this was true. A model whose last day is not after it is not served.',
  ),
  unit: z.string(),
  sources: z.record(z.string(), z.strictObject({ title: z.string(), url: z.string().nullable(), read: day })),
  thinking: z
    .strictObject({ tokens: z.record(z.string(), z.number()), source })
    .describe('Median of the hidden tokens, by effort.'),
  tierSpeed: z
    .strictObject({ flex: z.number(), fast: z.number(), source, note: z.string() })
    .describe('How many times faster an answer is than on standard terms.'),
  roles: z
    .strictObject({
      small: role,
      middle: role,
      strong: role,
      thinker: role,
      embedder: role,
      wideEmbedder: role,
    })
    .describe('Who plays what labs ask for, and what the role needs of it.'),
  servedStill: z
    .record(z.string(), z.string())
    .describe('Models served past their last day, with the reason.'),
  limitsSource: source.describe('Of windows, snapshots, dimensions and days of release.'),
  paceSource: source,
  skillSource: source,
  lastDaySources: z.strictObject({ openai: source, azure: source }),
  families: z.record(z.string(), z.strictObject({ ...family, source, note: z.string().optional() })),
  models: z.record(z.string(), model),
  otherPrices: z.record(z.string(), price).describe('Of models that labs only count with.'),
});

/** What is wrong with a catalogue, in sentences; empty where it can be used. */
export function catalogueProblems(catalogue: unknown): string[] {
  const { success, data, error } = catalogueSchema.safeParse(catalogue);
  if (!success) return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const efforts = Object.keys(data.thinking.tokens);
  const wrongEfforts = (place: string, { efforts: own = [], defaultEffort }: Efforts) => [
    ...own
      .filter((effort) => !efforts.includes(effort))
      .map((effort) => `${place}: thinking.tokens has no effort "${effort}"`),
    ...(defaultEffort !== undefined && !efforts.includes(defaultEffort)
      ? [`${place}: thinking.tokens has no effort "${defaultEffort}"`]
      : []),
  ];
  return [
    ...Object.entries(data.roles).flatMap(([name, { model: played, needs: asked }]) =>
      roleProblems(data, played, asked).map((problem) => `roles.${name}: ${problem}`),
    ),
    ...Object.entries(data.models).flatMap(([name, each]) => [
      ...(data.families[each.family] ? [] : [`models.${name}: there is no family "${each.family}"`]),
      ...wrongEfforts(`models.${name}`, each),
      ...oddDefault(`models.${name}`, { ...data.families[each.family], ...each }),
    ]),
    ...Object.entries(data.families).flatMap(([name, each]) => wrongEfforts(`families.${name}`, each)),
    ...sourcesIn(data).flatMap((name) => (data.sources[name] ? [] : [`There is no source "${name}"`])),
  ];
}

/** What a model does by itself is one of the things that it can be asked to do. */
function oddDefault(place: string, { efforts = [], defaultEffort }: Efforts): string[] {
  return defaultEffort === undefined || efforts.includes(defaultEffort)
    ? []
    : [`${place}: defaultEffort "${defaultEffort}" is none of its efforts (${efforts.join(', ')})`];
}

type Efforts = { efforts?: string[] | undefined; defaultEffort?: string | undefined };

/** Whether a model can play a role: it is there, it lives, it has a price and what the role needs. */
function roleProblems(data: z.infer<typeof catalogueSchema>, name: string, asked: readonly Need[]): string[] {
  const entry = data.models[name];
  if (!entry) return [`there is no model "${name}"`];
  const model = { ...data.families[entry.family], ...entry } as unknown as Model;
  const { openai } = entry.lastDay;
  return [
    ...(openai !== null && openai <= data.asOf ? [`${name} had its last day on ${openai}`] : []),
    ...(entry.price ? [] : [`${name} has no price`]),
    ...asked
      .filter((need) => !NEEDS[need](model))
      .map((need) => `${name} does not have what it needs: ${need}`),
  ];
}

function sourcesIn(value: unknown): string[] {
  const text = JSON.stringify(value);
  const usual = /"(?:source|limitsSource|paceSource|skillSource)":"([^"]+)"/g;
  const byPlatform = [...text.matchAll(/"lastDaySources":(\{[^}]*\})/g)].map(([, each]) =>
    JSON.parse(each as string),
  );
  return [
    ...[...text.matchAll(usual)].map(([, name]) => name as string),
    ...byPlatform.flatMap(Object.values),
  ];
}
