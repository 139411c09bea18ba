import * as z from 'zod';
import { FAULT_ERRORS, type Fault } from './faults.ts';

/** The rules of a script, or what is wrong with it in a sentence. The first rule that fits a request decides. */
export function readScript(text: string): { faults: Fault[] } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `The script is not valid JSON: ${(error as Error).message}` };
  }
  const read = script.safeParse(json);
  if (read.success) return { faults: read.data };
  const [issue] = read.error.issues;
  const [rule, ...field] = issue?.path ?? [];
  if (typeof rule !== 'number')
    return { problem: 'A script is a list of rules: [{ "when": { … }, "effect": { … } }, …].' };
  const known = field[0] === 'effect' ? ` An effect is one of ${EFFECTS}.` : '';
  return {
    problem: `Rule ${rule + 1} of the script: ${field.join('.') || 'it'}: ${issue?.message}.${known}`,
  };
}

const count = z.int().min(1);
const tokens = z.int().min(0);
const ms = z.number().min(0);

const when = z.strictObject({
  ordinal: z.union([count, z.array(count)]).optional(),
  fromMs: ms.optional(),
  toMs: ms.optional(),
  share: z.number().min(0).max(1).optional(),
  promptIncludes: z.string().optional(),
  deployment: z.string().optional(),
  times: count.optional(),
  flex: z.literal(true).optional(),
});

const written = z.strictObject({
  content: z.string().optional(),
  toolCalls: z
    .array(z.strictObject({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }))
    .optional(),
  refusal: z.string().optional(),
});

const error = z.enum(FAULT_ERRORS);

const effects = [
  z.strictObject({ answer: z.union([z.string(), written]) }),
  z.strictObject({ error, retryAfterMs: ms.optional(), afterMs: ms.optional() }),
  z.strictObject({ delayMs: ms }),
  z.strictObject({ cutAfterTokens: tokens }),
  z.strictObject({ failAfterTokens: tokens }),
  z.strictObject({ stallAfterTokens: tokens, forMs: ms.optional() }),
  z.strictObject({ endAfterTokens: tokens }),
  z.strictObject({ finishAfterTokens: tokens, finish: z.enum(['length', 'content_filter']) }),
  z.strictObject({ malformedAfterTokens: tokens }),
  z.strictObject({ slowdown: z.number().min(1) }),
] as const;
const EFFECTS = effects.map(({ shape }) => Object.keys(shape)[0]).join(', ');

const script = z.array(z.strictObject({ when: when.default({}), effect: z.union(effects) }));
