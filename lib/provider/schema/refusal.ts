import type { z } from 'zod';
import { openAiErrors, type Refusal } from '../errors.ts';
import type { Steps } from '../steps.ts';

/** How one surface says that it does not know a field: chat completions and the newer routes differ. */
export interface Wording {
  unknown(field: string): Refusal;
  /** Fields that the vendor takes and the simulator does not act on. */
  notSimulated: readonly string[];
}

/** What is wrong with a body, in the vendor's words; undefined if nothing is. */
export function* findShapeProblem(
  body: Record<string, unknown>,
  schema: z.ZodObject,
  { unknown, notSimulated }: Wording,
): Steps<Refusal | undefined> {
  for (const field in body) {
    if (Object.hasOwn(schema.shape, field)) continue;
    const value = body[field];
    if (!notSimulated.includes(field)) return unknown(field);
    if (value !== null && value !== false) return openAiErrors.notSimulated(field);
  }
  const misfit = yield* findMisfit(body, schema);
  if (!misfit) return undefined;
  const read = schema.safeParse(misfit.body);
  if (read.success) return undefined;
  const issue = deepest(read.error.issues[0] as Issue, misfit.body);
  const value = valueAt(misfit.body, issue.path);
  const [field, at, ...rest] = issue.path;
  if (issue.code === 'invalid_type' && issue.path.length === 1 && takesWhole(schema.shape[String(field)]))
    return refusalOf({ ...issue, expected: 'int' }, value);
  if (field === undefined || field !== misfit.field || typeof at !== 'number') return refusalOf(issue, value);
  return refusalOf({ ...issue, path: [field, at + misfit.from, ...rest] }, value);
}

/** A body that the schema refuses, with of a long list only the stretch that is wrong. */
interface Misfit {
  body: Record<string, unknown>;
  field?: string;
  /** Where in its list the stretch begins. */
  from: number;
}

const requiredBy = new WeakMap<z.ZodObject, readonly string[]>();

/**
 * Looks whether each field that is there is right, and none is missing. The schema as a whole, which reads each field that
 * could be there, says the same and takes three times as long; so it is only asked what is wrong.
 */
function* findMisfit(body: Record<string, unknown>, schema: z.ZodObject): Steps<Misfit | undefined> {
  const { shape } = schema;
  let required = requiredBy.get(schema);
  if (!required) {
    required = Object.keys(shape).filter((field) => !accepts(shape[field], undefined));
    requiredBy.set(schema, required);
  }
  const whole = { body, from: 0 };
  for (const field of required) if (body[field] === undefined) return whole;
  for (const field in body) {
    // What is not in the shape has been let pass before.
    if (!Object.hasOwn(shape, field)) continue;
    const value = body[field];
    if (Array.isArray(value) && value.length > ITEMS_A_STEP) {
      const from = yield* findWrongStretch(value, shape[field]);
      if (from === undefined) continue;
      if (from === value.length) return whole;
      return { body: { ...body, [field]: value.slice(from, from + ITEMS_A_STEP) }, field, from };
    }
    if (!accepts(shape[field], value)) return whole;
    yield;
  }
  return undefined;
}

const ITEMS_A_STEP = 50;
/** No list that has an upper limit may be longer. */
const LONGEST_LIMIT = 2048;

/** Where in a long list the first stretch begins that does not fit; its length if the list as such is too long. */
function* findWrongStretch(
  list: readonly unknown[],
  schema: z.core.$ZodType | undefined,
): Steps<number | undefined> {
  for (let from = 0; from < list.length; from += ITEMS_A_STEP) {
    if (!accepts(schema, list.slice(from, from + ITEMS_A_STEP))) return from;
    yield;
  }
  // A list of the same length, as far as lengths are told apart, of one item that fits.
  const asLong = new Array(Math.min(list.length, LONGEST_LIMIT + 1)).fill(list[0]);
  return accepts(schema, asLong) ? undefined : list.length;
}

/** Whether a field is for whole numbers only: of a text the library says that a number was expected. */
function takesWhole(schema: z.core.$ZodType | undefined): boolean {
  return accepts(schema, 100) && !accepts(schema, 100.5);
}

function accepts(schema: z.core.$ZodType | undefined, value: unknown): boolean {
  return (schema as z.ZodType).safeParse(value).success;
}

/** A field that the vendor itself does not know. */
export function unknownParameter(field: string): Refusal {
  return { ...openAiErrors.badRequest(`Unknown parameter: '${field}'.`, field), code: 'unknown_parameter' };
}

/** A path as vendors write it: `messages[0].content`. */
export function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

export function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object') return 'an object';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return `a ${typeof value}`;
}

type Issue = z.core.$ZodIssue;

/** Of a choice between shapes, what is wrong with the one that was meant: the one whose type the value has. */
function deepest(issue: Issue, body: unknown): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const firsts = issue.errors.map((branch) => branch[0] as Issue);
  // A branch that only minds the size or the content has found its type right.
  const inside =
    firsts.find(({ code }) => code === 'too_big' || code === 'too_small' || code === 'custom') ??
    // The branch that was read furthest is the one that was meant.
    firsts.filter(({ path }) => path.length > 0).sort((a, b) => depthOf(b) - depthOf(a))[0] ??
    firsts.find(({ code }) => code !== 'invalid_type');
  if (inside) return deepest({ ...inside, path: [...issue.path, ...inside.path] }, body);
  const kinds = issue.errors.flatMap(([first]) =>
    first?.code === 'invalid_type' ? [NAMES[first.expected] ?? first.expected] : [],
  );
  return {
    ...issue,
    code: 'custom',
    message: [...new Set(kinds)].join(' or '),
    errors: undefined,
  } as unknown as Issue;
}

function depthOf(issue: Issue): number {
  const inner = issue.code === 'invalid_union' ? issue.errors.map(([first]) => depthOf(first as Issue)) : [];
  return issue.path.length + Math.max(0, ...inner);
}

const NAMES: Record<string, string> = {
  string: 'a string',
  number: 'a decimal',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
  null: 'null',
};

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, step) => (at as Record<PropertyKey, unknown> | undefined | null)?.[step],
    body,
  );
}

function refusalOf(issue: Issue, value: unknown): Refusal {
  const param = pathOf(issue.path);
  const refuse = (code: string, message: string) => openAiErrors.badRequest(message, param, code);
  if (value === undefined)
    return refuse('missing_required_parameter', `Missing required parameter: '${param}'.`);
  const got = nameOfType(value);
  const wrongType = (expected: string) =>
    refuse('invalid_type', `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`);
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(NAMES[issue.expected] ?? issue.expected);
    case 'invalid_union':
    case 'invalid_value':
    case 'custom': {
      if (issue.code === 'custom')
        return issue.params
          ? refuse(String(issue.params.code), `Invalid '${param}': ${issue.message}`)
          : wrongType(issue.message);
      const allowed = allowedBy(issue);
      if (typeof value !== 'string' && allowed.some((each) => typeof each === 'string'))
        return wrongType('a string');
      const known = allowed.map((each) => `'${String(each)}'`).join(', ');
      return refuse(
        'invalid_value',
        `Invalid value: '${String(value)}'.${known && ` Supported values are: ${known}.`}`,
      );
    }
    case 'too_small':
      return tooSmall(issue, value, refuse, param);
    case 'too_big':
      return tooBig(issue, value, refuse, param);
    case 'invalid_format': {
      const pattern = 'pattern' in issue ? String(issue.pattern).replace(/^\/|\/[a-z]*$/g, '') : issue.format;
      return refuse(
        'invalid_value',
        `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${pattern}'.`,
      );
    }
    default:
      return refuse('invalid_value', `Invalid value for '${param}': ${issue.message}`);
  }
}

/** The values that would do, of a choice between values or between shapes that a field tells apart. */
function allowedBy(issue: Issue): readonly unknown[] {
  if (issue.code === 'invalid_value') return issue.values;
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

type Refuse = (code: string, message: string) => Refusal;

function tooSmall(issue: z.core.$ZodIssueTooSmall, value: unknown, refuse: Refuse, param: string): Refusal {
  const { minimum } = issue;
  if (typeof value === 'number') {
    const kind = Number.isInteger(minimum) && Number.isInteger(value) ? 'integer' : 'decimal';
    return refuse(
      `${kind}_below_min_value`,
      `Invalid '${param}': ${kind} below minimum value. Expected a value >= ${minimum}, but got ${value} instead.`,
    );
  }
  const kind = typeof value === 'string' ? 'string' : 'array';
  return refuse(
    `empty_${kind}`,
    `Invalid '${param}': empty ${kind}. Expected ${kind === 'array' ? 'an array' : 'a string'} with minimum length ${minimum}, but got an empty ${kind} instead.`,
  );
}

function tooBig(issue: z.core.$ZodIssueTooBig, value: unknown, refuse: Refuse, param: string): Refusal {
  const { maximum } = issue;
  if (typeof value === 'number') {
    const kind = Number.isInteger(value) ? 'integer' : 'decimal';
    return refuse(
      `${kind}_above_max_value`,
      `Invalid '${param}': ${kind} above maximum value. Expected a value <= ${maximum}, but got ${value} instead.`,
    );
  }
  const kind = typeof value === 'string' ? 'string' : 'array';
  const length =
    Array.isArray(value) || typeof value === 'string' ? value.length : Object.keys(value as object).length;
  const [an, long] = kind === 'array' ? ['an', 'array'] : ['a', 'string'];
  return refuse(
    `${kind}_above_max_length`,
    `Invalid '${param}': ${kind} too long. Expected ${an} ${long} with maximum length ${maximum}, but got ${an} ${long} with length ${length} instead.`,
  );
}
