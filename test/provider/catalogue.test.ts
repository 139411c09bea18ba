import { APIError } from 'openai';
import { expect, test } from 'vitest';
import { VARIANTS } from '../../lib/cli/verify-catalogue.ts';
import catalogue from '../../lib/provider/catalogue.json' with { type: 'json' };
import { catalogueProblems } from '../../lib/provider/catalogue-schema.ts';
import {
  endingSoon,
  findModel,
  isServed,
  lacksOf,
  MODEL_NAMES,
  type ModelName,
  ROLES,
} from '../../lib/provider/models.ts';
import { variant } from '../course/catalogues.ts';
import { run } from './support.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;

test('the catalogue is dated, and each source has a title and the day on which it was read', () => {
  expect(catalogue.asOf).toMatch(DAY);
  for (const { title, read } of Object.values(catalogue.sources)) {
    expect(title).not.toBe('');
    expect(read).toMatch(DAY);
  }
});

/** What has one source for all models, by the path to it. */
const USUAL: [path: RegExp, source: string][] = [
  [/\.(contextTokens|maxInputTokens|maxOutputTokens|dimensions|released)$/, catalogue.limitsSource],
  [/\.pace\.\w+$/, catalogue.paceSource],
  [/\.skill$/, catalogue.skillSource],
  [/\.lastDay\.openai$/, catalogue.lastDaySources.openai],
  [/\.lastDay\.azure$/, catalogue.lastDaySources.azure],
];

/** Every figure and day below a value, with its source: the usual one of its kind, else the nearest. */
function figuresIn(
  value: unknown,
  path: string,
  near?: string,
): [path: string, source: string | undefined][] {
  if (typeof value === 'number' || (typeof value === 'string' && DAY.test(value)))
    return [[path, USUAL.find(([usual]) => usual.test(path))?.[1] ?? near]];
  if (typeof value !== 'object' || value === null) return [];
  const { source, lastDaySources } = value as { source?: string; lastDaySources?: Record<string, string> };
  const figures = Object.entries(value).flatMap(([name, each]) =>
    figuresIn(each, `${path}.${name}`, source ?? near),
  );
  if (!lastDaySources) return figures;
  const own = (at: string) => lastDaySources[at.slice(`${path}.lastDay.`.length)];
  return figures.map(([at, usual]) => [at, own(at) ?? usual]);
}

test('each figure and day of the catalogue has a source, or is marked as made for teaching', () => {
  const { asOf: _, sources, ...rest } = catalogue;
  const figures = figuresIn(rest, '');
  expect(figures.filter(([, source]) => !Object.hasOwn(sources, source ?? ''))).toEqual([]);
  expect(figures.length).toBeGreaterThan(400);
  // One that nothing names any more is to go.
  const notes = [...JSON.stringify(rest).matchAll(/"note":"([^"]+)"/g)].join(' ');
  const named = new Set(figures.map(([, source]) => source));
  expect(Object.keys(sources).filter((name) => !named.has(name) && !notes.includes(name))).toEqual([]);
  const without = structuredClone(catalogue.models['gpt-6-luna']) as Record<string, unknown>;
  expect(figuresIn({ ...without, tiers: { fast: 2 } }, '').filter(([, source]) => !source)).toEqual([
    ['.tiers.fast', undefined],
  ]);
});

test('every chat model has a price, a skill, a pace and a last day on each platform or none', () => {
  for (const name of MODEL_NAMES) {
    const model = findModel(name);
    if (model?.kind !== 'chat') continue;
    expect(model.skill, name).toBeGreaterThan(0);
    expect(model.latency.ttftMs, name).toBeGreaterThan(0);
    for (const day of Object.values(model.lastDay)) if (day !== null) expect(day, name).toMatch(DAY);
    expect(model.efforts.length === 0 || model.efforts.includes(model.defaultEffort), name).toBe(true);
  }
});

test.for([
  // Model page of GPT-6 Luna, read on 30 November 2026.
  ['gpt-6-luna', 'none', 'medium', 1_050_000],
  // "Never none": OpenAI's API description on reasoning effort.
  ['gpt-5-mini', 'minimal', 'medium', 400_000],
  ['gpt-6.2-sol', 'low', 'medium', 1_050_000],
] as const)(
  '%s thinks from %s on, %s by itself, in a window of %i tokens',
  ([name, least, byItself, window]) => {
    const model = findModel(name);
    expect([model?.efforts[0], model?.defaultEffort, model?.contextTokens]).toEqual([
      least,
      byItself,
      window,
    ]);
  },
);

type Fields = Record<string, unknown>;
const tools = [
  { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
];

/** What a model answers to fields in Chat Completions: the refusal, or undefined. */
async function refusal(model: ModelName, fields: Fields): Promise<APIError | undefined> {
  const { value } = await run(
    async ({ openai }) => {
      const once = openai.withOptions({ maxRetries: 0 });
      const body = { model, messages: [{ role: 'user' as const, content: 'Hello' }], ...fields };
      return once.chat.completions.create(body).then(
        () => undefined,
        (error: unknown) => error,
      );
    },
    { deployments: { [model]: { model } } },
  );
  return value as APIError | undefined;
}

test.for([
  ['gpt-6-luna', { tools }, "set reasoning_effort to 'none'"],
  ['gpt-6-luna', { tools, reasoning_effort: 'low' }, 'To use function tools, use /v1/responses'],
  ['gpt-6.1-terra', { tools, reasoning_effort: 'none' }, 'use /v1/responses.'],
  ['gpt-6-luna', { temperature: 0 }, "'temperature' does not support 0 with this model"],
  [
    'gpt-5-mini',
    { reasoning_effort: 'none' },
    "Supported values are: 'minimal', 'low', 'medium', and 'high'.",
  ],
  ['gpt-6.2-sol', { reasoning_effort: 'none' }, "'reasoning_effort' does not support 'none'"],
  // RouterBase, 19 November 2026, and laozhang.ai, 13 October: `max` is for Responses only.
  ['gpt-6.2-sol', { reasoning_effort: 'max' }, "does not support 'max'"],
  ['gpt-6-luna', { max_tokens: 10 }, "Use 'max_completion_tokens' instead."],
  ['gpt-6.2-sol', { service_tier: 'flex' }, 'Flex processing is not available'],
  // BerriAI/litellm-docs#1173, live on 3 September 2026.
  ['gpt-6-astra', { reasoning_effort: 'max' }, "does not support 'max'"],
  // foundry-dev-tools#779: `none` is offered although Astra has none. pipecat#4043: not with GPT-5.4.
  ['gpt-6-astra', { tools }, "use /v1/responses or set reasoning_effort to 'none'."],
  ['gpt-5.4', { tools, reasoning_effort: 'low' }, 'Please use /v1/responses instead.'],
  // eva-agent#83, of o3-mini.
  ['o3', { temperature: 0 }, "Unsupported parameter: 'temperature' is not supported with this model."],
  // RouterBase, dev.to, 19 November 2026; nextai-translator#1781; bolna-ai/bolna#1019.
  ['gpt-6.2-sol', { top_p: 0.5 }, "'top_p' does not support 0.5 with this model"],
  ['gpt-6.2-sol', { frequency_penalty: 0.5 }, "'frequency_penalty' is not supported with this model."],
  ['gpt-5-mini', { presence_penalty: 1 }, "'presence_penalty' is not supported with this model."],
  ['gpt-6-astra', { stop: ['User:'] }, "'stop' is not supported with this model."],
  // An older model has a fast tier too, but the catalogue has no price for it.
  ['gpt-4o-mini', { service_tier: 'fast' }, 'not simulated'],
] as const)('%s refuses %j', async ([model, fields, words]) => {
  const error = await refusal(model, fields);
  expect(error).toBeInstanceOf(APIError);
  expect([error?.status, error?.message]).toEqual([400, expect.stringContaining(words)]);
});

test.for([
  ['gpt-6-luna', { tools, reasoning_effort: 'none' }],
  ['gpt-6-luna', { temperature: 0, reasoning_effort: 'none' }],
  ['gpt-5.1', { tools, reasoning_effort: 'low' }],
  ['gpt-5.4', { temperature: 0.5 }],
  ['gpt-4o-mini', { temperature: 0, tools, max_tokens: 10 }],
  ['gpt-6.2-sol', { temperature: 1, top_p: 1, frequency_penalty: 0 }],
  ['gpt-6-luna', { frequency_penalty: 0.5, stop: ['.'], reasoning_effort: 'none' }],
] as const)('%s takes %j', async ([model, fields]) => {
  expect(await refusal(model, fields)).toBeUndefined();
});

test('the model that plays a role has what the role asks for', () => {
  expect(Object.fromEntries(ROLES.map((role) => [role, lacksOf(role)]))).toEqual(
    Object.fromEntries(ROLES.map((role) => [role, []])),
  );
  expect(lacksOf('small', 'gpt-6.2-sol')).toEqual(['effort-none', 'tools-in-chat']);
});

test.for([
  // OpenAI, deprecations: shut down on 23 October 2026. Azure, model retirements: gpt-4o-mini on 1 October 2026.
  ['openai', 'gpt-3.5-turbo', { 'gpt-3.5-turbo': { model: 'gpt-3.5-turbo' } }],
  ['azure', 'chat', { chat: { model: 'gpt-4o-mini', vendor: 'azure' } }],
] as const)(
  'a model that has had its last day at %s is not found there: %s',
  async ([vendor, model, deployments]) => {
    const { value } = await run(
      (clients) =>
        clients[vendor].chat.completions
          .create({ model, messages: [{ role: 'user', content: 'Hello' }] })
          .catch((error: unknown) => error),
      { deployments },
    );
    expect(value).toBeInstanceOf(APIError);
    expect((value as APIError).status).toBe(404);
  },
);

test('the doctor is told of a role whose model has less than ninety days to live', () => {
  expect(endingSoon('2027-01-14')).toEqual([]);
  const [first] = endingSoon('2027-01-15');
  expect(first).toEqual({ role: 'embedder', model: 'text-embedding-3-small', lastDay: '2027-04-15' });
});

test('what is served past its last day stands in one list, with the reason', () => {
  const still = Object.entries(catalogue.servedStill);
  expect(still.map(([model]) => model)).toEqual(['dall-e-3']);
  for (const [model] of still) expect(isServed(findModel(model) as never, 'openai')).toBe(true);
});

test('the shipped catalogue and the variants keep to the format, and what does not is told by its place', () => {
  expect(catalogueProblems(catalogue)).toEqual([]);
  for (const name of VARIANTS) expect(catalogueProblems(variant(name)), name).toEqual([]);
  const wrong = structuredClone(catalogue) as unknown as Record<
    string,
    Record<string, Record<string, unknown>>
  >;
  Object.assign(wrong.roles?.small ?? {}, { model: 'gpt-9' });
  expect(catalogueProblems(wrong)).toEqual(['roles.small: there is no model "gpt-9"']);
  Object.assign(wrong.roles?.small ?? {}, { model: 'gpt-4', needs: ['effort-none'] });
  Object.assign(wrong.families?.['gpt-6'] ?? {}, { defaultEffort: 'medum' });
  Object.assign(wrong.lastDaySources ?? {}, { azure: 'nobody' });
  const ofGpt6 = Object.entries(catalogue.models).filter(([, { family }]) => family === 'gpt-6');
  const oddDefaults = ofGpt6
    .filter(([, entry]) => !('defaultEffort' in entry))
    .map(([name]) => expect.stringContaining(`models.${name}: defaultEffort "medum" is none of its efforts`));
  expect(oddDefaults.length).toBeGreaterThan(0);
  expect(catalogueProblems(wrong)).toEqual([
    'roles.small: gpt-4 had its last day on 2026-10-23',
    'roles.small: gpt-4 does not have what it needs: effort-none',
    ...oddDefaults,
    'families.gpt-6: thinking.tokens has no effort "medum"',
    'There is no source "nobody"',
  ]);
  Object.assign(wrong.roles?.small ?? {}, { needs: 'speed' });
  expect(catalogueProblems(wrong)).toEqual([expect.stringMatching(/^roles\.small\.needs: /)]);
});
