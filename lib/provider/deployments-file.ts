import * as z from 'zod';
import { findModel, type ModelName, ROLES } from './models.ts';
import { type DeploymentPlan, defineProvider } from './provider-plan.ts';

/** Deployments by name as a JSON file has them, or what is wrong with it in a sentence. */
export function readDeployments(
  text: string,
): { deployments: Record<string, DeploymentPlan> } | { problem: string } {
  try {
    const read = file.safeParse(JSON.parse(text));
    if (read.success)
      return {
        deployments: defineProvider({ deployments: read.data }).deployments,
      };
    const [issue] = read.error.issues;
    const [name, ...field] = issue?.path ?? [];
    return { problem: `Deployment "${String(name ?? '')}": ${field.join('.') || 'it'}: ${issue?.message}.` };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

const above = z.number().positive();
const atLeast1 = z.number().min(1);
const deployment = z.strictObject({
  role: z.enum(ROLES).optional(),
  model: z.custom<ModelName>((name) => findModel(String(name)) !== undefined, 'no such model').optional(),
  vendor: z.enum(['openai', 'azure']).optional(),
  maxConcurrent: atLeast1.optional(),
  latency: z
    .strictObject({ ttftMs: above, prefillPerSec: above, outputPerSec: above, p95OverP50: atLeast1 })
    .partial()
    .optional(),
  stragglers: z.strictObject({ share: z.number().min(0).max(1), factor: atLeast1 }).optional(),
  answers: z.strictObject({ medianTokens: atLeast1, p95Tokens: atLeast1 }).optional(),
  quota: z
    .strictObject({
      requestsPerMin: atLeast1,
      tokensPerMin: atLeast1,
      sliceMs: atLeast1,
      headersOn429: z.boolean(),
      chargeRefused: z.boolean(),
    })
    .partial()
    .optional(),
  load: z
    .strictObject({ capacity: atLeast1, slowdown: atLeast1.optional(), queue: z.int().min(0).optional() })
    .optional(),
  promptCache: z
    .union([
      z.literal(false),
      z
        .strictObject({
          idleMs: above,
          maxAgeMs: above,
          spillPerMin: above,
          regime: z.enum(['prefix', 'breakpoint']),
          implicit: z.enum(['whole', 'messages']),
        })
        .partial(),
    ])
    .optional(),
  asyncFilter: z.boolean().optional(),
  chunkTokens: atLeast1.optional(),
});

const file = z.record(z.string(), deployment);
