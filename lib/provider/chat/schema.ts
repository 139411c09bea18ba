import { openAiErrors, type Refusal } from '../errors.ts';
import type { Random } from '../random.ts';

/** The part of JSON Schema that structured outputs know. */
export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: unknown;
  items?: JsonSchema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  format?: string;
}

/** A value that fits the schema, the same for the same randomness. */
export function sample(schema: JsonSchema, random: Random, root: JsonSchema = schema, depth = 0): unknown {
  if (schema.$ref) return sample(resolve(schema.$ref, root), random, root, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) {
    // Deep in a recursive schema only the simplest branch ends.
    const branches = depth > 4 ? schema.anyOf.slice(-1) : schema.anyOf;
    return sample(random.pick(branches), random, root, depth + 1);
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
    case undefined:
      return sampleObject(schema, random, root, depth);
    case 'array': {
      const { minItems = 1, maxItems = minItems + 2 } = schema;
      const count = depth > 4 ? minItems : minItems + random.int(maxItems - minItems + 1);
      return Array.from({ length: count }, () =>
        sample(schema.items ?? { type: 'string' }, random, root, depth + 1),
      );
    }
    case 'string':
      return sampleString(schema, random);
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = minimum + 100 } = schema;
      return type === 'integer'
        ? minimum + random.int(Math.floor(maximum - minimum) + 1)
        : Number((minimum + random.next() * (maximum - minimum)).toFixed(2));
    }
    case 'boolean':
      return random.next() < 0.5;
    default:
      return null;
  }
}

/** What the vendor refuses in `response_format`. */
export function findSchemaProblem(body: Record<string, unknown>): Refusal | undefined {
  const format = body.response_format as
    | { type?: string; json_schema?: { name?: string; schema?: JsonSchema; strict?: boolean | null } }
    | undefined
    | null;
  if (format == null || format.type === 'text') return undefined;
  if (format.type === 'json_object') return jsonMustBeAskedFor(body);
  if (format.type !== 'json_schema') return openAiErrors.notSimulated(`response_format "${format.type}"`);
  const { name, schema, strict } = format.json_schema ?? {};
  if (!name || !schema) {
    const missing = `response_format.json_schema.${name ? 'schema' : 'name'}`;
    return openAiErrors.badRequest(
      `Missing required parameter: '${missing}'.`,
      missing,
      'missing_required_parameter',
    );
  }
  const problem = strict ? findStrictProblem(schema, []) : undefined;
  if (!problem) return undefined;
  return openAiErrors.badRequest(
    `Invalid schema for response_format '${name}': ${problem}`,
    'response_format',
  );
}

function jsonMustBeAskedFor(body: Record<string, unknown>): Refusal | undefined {
  if (/json/i.test(JSON.stringify(body.messages))) return undefined;
  const text =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  return openAiErrors.badRequest(text, 'messages');
}

/** Strict schemas name every property as required and allow no others (Structured outputs guide). */
function findStrictProblem(schema: JsonSchema, path: readonly string[]): string | undefined {
  const context = `In context=(${path.map((part) => `'${part}'`).join(', ')}), `;
  if (schema.type === 'object' || schema.properties) {
    if (schema.additionalProperties !== false)
      return `${context}'additionalProperties' is required to be supplied and to be false.`;
    const missing = Object.keys(schema.properties ?? {}).find((key) => !schema.required?.includes(key));
    if (missing)
      return `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  }
  const inside: [string, JsonSchema][] = [
    ...Object.entries(schema.properties ?? {}).map(([key, each]): [string, JsonSchema] => [
      `properties.${key}`,
      each,
    ]),
    ...Object.entries(schema.$defs ?? {}).map(([key, each]): [string, JsonSchema] => [`$defs.${key}`, each]),
    ...(schema.anyOf ?? []).map((each, i): [string, JsonSchema] => [`anyOf.${i}`, each]),
    ...(schema.items ? [['items', schema.items] as [string, JsonSchema]] : []),
  ];
  for (const [step, each] of inside) {
    const problem = findStrictProblem(each, [...path, ...step.split('.')]);
    if (problem) return problem;
  }
  return undefined;
}

function sampleObject(schema: JsonSchema, random: Random, root: JsonSchema, depth: number): object {
  const entries = Object.entries(schema.properties ?? {});
  return Object.fromEntries(entries.map(([key, each]) => [key, sample(each, random, root, depth + 1)]));
}

const NOUNS = ['invoice', 'order', 'account', 'delivery', 'refund', 'setting', 'report', 'café', 'ticket'];
const QUALITIES = ['open', 'late', 'new', 'urgent', 'small', 'monthly', 'missing', 'second'];

function sampleString({ format, description }: JsonSchema, random: Random): string {
  switch (format) {
    case 'date':
      return `2026-0${1 + random.int(9)}-1${random.int(10)}`;
    case 'date-time':
      return `2026-0${1 + random.int(9)}-1${random.int(10)}T0${random.int(10)}:30:00Z`;
    case 'email':
      return `${random.pick(NOUNS).replace('é', 'e')}@example.com`;
    case 'uuid':
      return `00000000-0000-4000-8000-${String(random.int(1e9)).padStart(12, '0')}`;
  }
  // An example in the description ("e.g. San Francisco, CA") is what models tend to echo.
  const example = description?.match(/e\.g\.,? ([^.;()]+)/)?.[1];
  return example ?? `${random.pick(QUALITIES)} ${random.pick(NOUNS)}`;
}

function resolve(ref: string, root: JsonSchema): JsonSchema {
  if (ref === '#') return root;
  const path = ref.replace(/^#\//, '').split('/');
  const found = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], root);
  return (found as JsonSchema | undefined) ?? { type: 'null' };
}
