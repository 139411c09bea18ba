import type { Random } from '../random.ts';
import { textFor } from './pattern.ts';
import type { JsonSchema } from './strict-schema.ts';

/** From here on a recursive schema takes the branch that ends. */
const DEEP = 4;
/** A schema that only ends by itself never: nothing more is made below. */
const DEEPEST = 24;

/** A value that fits the schema, the same for the same randomness. A schema that makes no sense gives null. */
export function sample(given: unknown, random: Random, root: unknown = given, depth = 0): unknown {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || depth > DEEPEST) return null;
  const schema = given as JsonSchema;
  if (typeof schema.$ref === 'string') return sample(resolve(schema.$ref, root), random, root, depth + 1);
  if (schema.const !== undefined) return schema.const;
  if (Array.isArray(schema.enum) && schema.enum.length > 0) return random.pick(schema.enum);
  if (Array.isArray(schema.anyOf) && schema.anyOf.length > 0) {
    const branch = depth > DEEP ? simplest(schema.anyOf) : random.pick(schema.anyOf);
    return sample(branch, random, root, depth + 1);
  }
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
    case undefined:
      return sampleObject(schema, random, root, depth);
    case 'array':
      return sampleArray(schema, random, root, depth);
    case 'string':
      return sampleString(schema, random);
    case 'integer':
    case 'number':
      return sampleNumber(schema, random, type === 'integer');
    case 'boolean':
      return random.next() < 0.5;
    default:
      return null;
  }
}

function simplest(branches: readonly JsonSchema[]): JsonSchema {
  const weight = ({ type, $ref, anyOf }: JsonSchema) =>
    $ref !== undefined || anyOf !== undefined ? 3 : type === 'object' ? 2 : type === 'array' ? 1 : 0;
  return [...branches].sort((a, b) => weight(a ?? {}) - weight(b ?? {}))[0] as JsonSchema;
}

function sampleObject({ properties }: JsonSchema, random: Random, root: unknown, depth: number): object {
  const entries = Object.entries(properties ?? {});
  return Object.fromEntries(entries.map(([key, each]) => [key, sample(each, random, root, depth + 1)]));
}

const MOST_ITEMS = 1000;

function sampleArray(schema: JsonSchema, random: Random, root: unknown, depth: number): unknown[] {
  const least = Math.min(wholeOr(schema.minItems, depth > DEEP ? 0 : 1), MOST_ITEMS);
  const most = Math.max(least, Math.min(wholeOr(schema.maxItems, least + 2), MOST_ITEMS));
  const count = depth > DEEP ? least : least + random.int(most - least + 1);
  const items = schema.items ?? { type: 'string' };
  return Array.from({ length: count }, () => sample(items, random, root, depth + 1));
}

function sampleNumber(schema: JsonSchema, random: Random, whole: boolean): number {
  const step = schema.multipleOf !== undefined && schema.multipleOf > 0 ? schema.multipleOf : whole ? 1 : 0;
  const edge = step || 0.01;
  const least = numberOr(schema.minimum, numberOr(schema.exclusiveMinimum, Number.NaN) + edge);
  const most = numberOr(schema.maximum, numberOr(schema.exclusiveMaximum, Number.NaN) - edge);
  const low = Number.isNaN(least) ? Math.min(0, Number.isNaN(most) ? 0 : most) : least;
  const high = Math.max(low, Number.isNaN(most) ? low + 100 : most);
  if (step === 0) return clamp(Number((low + random.next() * (high - low)).toFixed(2)), low, high);
  const first = Math.ceil(low / step);
  const steps = Math.max(0, Math.floor(high / step) - first);
  return Number(((first + random.int(steps + 1)) * step).toPrecision(12));
}

const NOUNS = ['invoice', 'order', 'account', 'delivery', 'refund', 'setting', 'report', 'café', 'ticket'];
const QUALITIES = ['open', 'late', 'new', 'urgent', 'small', 'monthly', 'missing', 'second'];

function sampleString(schema: JsonSchema, random: Random): string {
  const { format, description, pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const formatted = format === undefined ? undefined : FORMATS[format]?.(random);
  if (formatted !== undefined) return formatted;
  const fitting = typeof pattern === 'string' ? textFor(pattern, random) : undefined;
  if (fitting !== undefined) return fitting;
  // An example in the description ("e.g. San Francisco, CA") is what models tend to echo.
  const example = typeof description === 'string' ? description.match(/e\.g\.,? ([^.;()]+)/)?.[1] : undefined;
  const text = example ?? `${random.pick(QUALITIES)} ${random.pick(NOUNS)}`;
  return text.padEnd(Math.min(Number(minLength) || 0, 10_000), '.').slice(0, Math.max(0, Number(maxLength)));
}

const two = (number: number) => String(number).padStart(2, '0');
const FORMATS: Record<string, (random: Random) => string> = {
  date: (random) => `2026-0${1 + random.int(9)}-1${random.int(10)}`,
  'date-time': (random) => `2026-0${1 + random.int(9)}-1${random.int(10)}T0${random.int(10)}:30:00Z`,
  time: (random) => `${two(random.int(24))}:${two(random.int(60))}:00Z`,
  duration: (random) => `PT${1 + random.int(59)}M`,
  email: (random) => `${random.pick(NOUNS).replace('é', 'e')}@example.com`,
  hostname: (random) => `${random.pick(NOUNS).replace('é', 'e')}.example.com`,
  uri: (random) => `https://example.com/${random.pick(NOUNS).replace('é', 'e')}`,
  // Addresses that are set aside for documentation (RFC 5737 and 3849).
  ipv4: (random) => `192.0.2.${random.int(256)}`,
  ipv6: (random) => `2001:db8::${(1 + random.int(65_535)).toString(16)}`,
  uuid: (random) => `00000000-0000-4000-8000-${String(random.int(1e9)).padStart(12, '0')}`,
};

function resolve(ref: string, root: unknown): unknown {
  if (ref === '#') return root;
  const steps = ref.replace(/^#\//, '').split('/');
  return steps.reduce<unknown>(
    (at, step) => (at as Record<string, unknown> | undefined | null)?.[step],
    root,
  );
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
}

function wholeOr(value: unknown, otherwise: number): number {
  return Math.max(0, Math.trunc(numberOr(value, otherwise)));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
