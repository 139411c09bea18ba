import type { Batch } from 'openai/resources/batches';
import * as z from 'zod';
import { nowInSeconds } from '../chat/chat-shapes.ts';
import { parseObject, unparsed } from '../chat/parse-chat.ts';
import { openAiErrors } from '../errors.ts';
import { hash32 } from '../random.ts';
import { answerResource, type FoundResource, listPage, notFound } from '../resource.ts';
import { metadata } from '../schema/common.ts';
import { findShapeProblem, unknownParameter } from '../schema/refusal.ts';
import { atOnce } from '../steps.ts';
import type { Visit } from '../visit.ts';
import type { WireAnswer } from '../wire.ts';
import { failBatch, runBatch } from './run-batch.ts';

const ENDPOINTS = ['/v1/chat/completions', '/v1/embeddings', '/v1/responses'];
const DAY_S = 86_400;
const batchSchema = z.object({
  input_file_id: z.string(),
  endpoint: z.string(),
  completion_window: z.string(),
  metadata: metadata.nullish(),
});

/** POST /batches. */
export function createBatch(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, (): FoundResource => {
    const body = parseObject(visit.request.text);
    if (!body) return { refusal: unparsed() };
    const refusal = atOnce(
      findShapeProblem(body, batchSchema, {
        unknown: unknownParameter,
        notSimulated: ['output_expires_after'],
      }),
    );
    if (refusal) return { refusal };
    const { input_file_id, endpoint, completion_window } = body;
    // Azure names the same routes without the version.
    const route =
      visit.vendor.name === 'azure' ? `/v1${String(endpoint).replace(/^\/v1/, '')}` : String(endpoint);
    if (!ENDPOINTS.includes(route))
      return bad(
        `Invalid value: '${endpoint}'. Supported values here are: ${ENDPOINTS.join(', ')}.`,
        'endpoint',
      );
    if (completion_window !== '24h')
      return bad(`Invalid value: '${completion_window}'. Value must be '24h'.`, 'completion_window');
    const { simulator } = visit;
    const input = simulator.stores.files.get(String(input_file_id));
    if (!input) return bad(`No such File object: ${input_file_id}`, 'input_file_id');
    const number = simulator.stores.nextId();
    const created = nowInSeconds();
    const object: Batch = {
      id: `batch_${hash32(`${simulator.seed} batch ${number}`).toString(16).padStart(8, '0')}${number}`,
      object: 'batch',
      endpoint: String(endpoint),
      input_file_id: String(input_file_id),
      completion_window: '24h',
      status: 'validating',
      created_at: created,
      expires_at: created + DAY_S,
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata: (body.metadata ?? null) as Batch['metadata'] & null,
    };
    const stored = { object, cancelled: false };
    simulator.stores.batches.set(object.id, stored);
    // Nobody waits for it, so what goes wrong in it must not end the process: the batch fails and says so.
    runBatch(visit, stored, input.bytes).catch((error) => failBatch(stored, error));
    return structuredClone(object);
  });
}

/** GET /batches. */
export function listBatches(visit: Visit): Promise<WireAnswer> {
  const batches = [...visit.simulator.stores.batches.values()].map(({ object }) => object);
  return answerResource(visit, () => listPage(batches, visit));
}

/** GET /batches/{id} and POST /batches/{id}/cancel. */
export function answerBatch(visit: Visit): Promise<WireAnswer> {
  return answerResource(visit, () => {
    const id = visit.params.id ?? '';
    const stored = visit.simulator.stores.batches.get(id);
    if (!stored) return notFound(`No batch found with id '${id}'.`);
    const { object } = stored;
    if (!visit.path.endsWith('/cancel')) return structuredClone(object);
    if (!['validating', 'in_progress', 'cancelling'].includes(object.status)) {
      const text = `Cannot cancel a batch with status '${object.status}'.`;
      return { refusal: { ...openAiErrors.badRequest(text, null), status: 409 } };
    }
    stored.cancelled = true;
    object.status = 'cancelling';
    object.cancelling_at ??= nowInSeconds();
    return structuredClone(object);
  });
}

function bad(message: string, param: string | null): FoundResource {
  return { refusal: openAiErrors.badRequest(message, param) };
}
