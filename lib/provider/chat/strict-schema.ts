import { openAiErrors, type Refusal } from '../errors.ts';
import type { ChatBody } from './chat-body.ts';

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
  definitions?: Record<string, JsonSchema>;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
}

/** What the vendor refuses in `response_format`. */
export function findSchemaProblem(body: ChatBody): Refusal | undefined {
  const format = body.response_format;
  if (format?.type === 'json_object') return jsonMustBeAskedFor(body);
  if (format?.type !== 'json_schema') return undefined;
  const { name, schema, strict } = format.json_schema;
  const problem = strict ? findStrictProblem(schema as JsonSchema) : undefined;
  if (!problem) return undefined;
  return openAiErrors.badRequest(
    `Invalid schema for response_format '${name}': ${problem}`,
    'response_format',
  );
}

function jsonMustBeAskedFor(body: ChatBody): Refusal | undefined {
  if (/json/i.test(JSON.stringify(body.messages))) return undefined;
  const text =
    "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
  return openAiErrors.badRequest(text, 'messages');
}

/** Words of JSON Schema that strict schemas may not have (Structured outputs guide). */
const NOT_PERMITTED = [
  'oneOf',
  'allOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
];
/** Deepest nesting that is read; the guide allows ten levels. */
const DEEPEST = 100;

/** Strict schemas are objects that name every property as required and allow no others (Structured outputs guide). */
export function findStrictProblem(schema: JsonSchema): string | undefined {
  if (schema.anyOf) return "schema must not have 'anyOf' at the top level.";
  if (schema.type !== 'object')
    return `schema must be a JSON Schema of 'type: "object"', got 'type: ${JSON.stringify(schema.type ?? 'None')}'.`;
  return findIn(schema, []);
}

function findIn(schema: unknown, path: readonly string[]): string | undefined {
  const context = `In context=(${path.map((part) => `'${part}'`).join(', ')}), `;
  if (path.length > DEEPEST * 2) return `${context}the schema is nested too deeply.`;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return `${context}schema must be an object.`;
  const {
    type,
    properties,
    required,
    additionalProperties,
    enum: choices,
    anyOf,
    items,
    $ref,
    $defs,
    definitions,
  } = schema as JsonSchema;
  const odd = NOT_PERMITTED.find((word) => Object.hasOwn(schema, word));
  if (odd) return `${context}'${odd}' is not permitted.`;
  if (type === undefined && !anyOf && $ref === undefined && !choices && !Object.hasOwn(schema, 'const'))
    return `${context}schema must have a 'type' key.`;
  if (type === 'object' || properties) {
    if (additionalProperties !== false)
      return `${context}'additionalProperties' is required to be supplied and to be false.`;
    const missing = Object.keys(properties ?? {}).find(
      (key) => !Array.isArray(required) || !required.includes(key),
    );
    if (missing !== undefined)
      return `${context}'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
  }
  if (type === 'array' && items === undefined) return `${context}array schema missing items.`;
  const inside: [path: string[], schema: unknown][] = [
    ...named('properties', properties),
    ...named('$defs', $defs),
    ...named('definitions', definitions),
    ...(Array.isArray(anyOf)
      ? anyOf.map((each, i): [string[], unknown] => [['anyOf', String(i)], each])
      : []),
    ...(items === undefined ? [] : [[['items'], items] as [string[], unknown]]),
  ];
  for (const [steps, each] of inside) {
    const problem = findIn(each, [...path, ...steps]);
    if (problem) return problem;
  }
  return undefined;
}

function named(word: string, schemas: Record<string, unknown> | undefined): [string[], unknown][] {
  return Object.entries(schemas ?? {}).map(([key, each]) => [[word, key], each]);
}
