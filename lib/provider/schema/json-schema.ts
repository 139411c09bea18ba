import * as z from 'zod';

const number = z.number().optional();
const size = z.int().min(0).optional();
const word = z.string().optional();
const inside = z.lazy((): z.ZodType => z.union([z.boolean(), jsonSchema]));
const named = z.record(z.string(), inside).optional();

/** A JSON Schema that a client hands in: every word that is read here has the type that JSON Schema gives it. */
export const jsonSchema: z.ZodType = z.looseObject({
  type: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  description: word,
  properties: named,
  required: z.array(z.string()).optional(),
  items: inside.optional(),
  enum: z.array(z.unknown()).min(1).optional(),
  anyOf: z.array(inside).min(1).optional(),
  $ref: word,
  $defs: named,
  definitions: named,
  minimum: number,
  maximum: number,
  exclusiveMinimum: number,
  exclusiveMaximum: number,
  multipleOf: number,
  minItems: size,
  maxItems: size,
  minLength: size,
  maxLength: size,
  pattern: word,
  format: word,
});
